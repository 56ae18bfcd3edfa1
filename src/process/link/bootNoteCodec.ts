/** The stored form of a VM's boot note; what vSphere reported of the previous order is bounded before it is written. */
import { boolean, fields, integer, list, nullable, oneOf, optional, text } from "../../base/document/codec.js";
import type { BootOverride } from "../../model/machine/machine.js";
import type { BootEntry } from "../../vsphere/bootOrder.js";
import type { BootNote, PendingBoot } from "../../vsphere/nextBoot.js";

/** vim25 xsd:int. */
const deviceKey = integer(-(2 ** 31), 2 ** 31 - 1);
const longestOrder = 1_000;
const longestText = 1_000;

const device = oneOf("pxe", "disk", "cdrom", "floppy");
const override = fields<BootOverride>({ device: oneOf("pxe", "disk", "cdrom", "floppy", "bios"), persistent: boolean });

/** The file's content: the note and the VM that it belongs to. */
export interface KeptNote {
  readonly vm: string;
  readonly note: BootNote;
}

const noteCodec = fields<BootNote>({
  pending: optional(
    fields<PendingBoot>({
      device,
      former: list(fields<BootEntry>({ device, deviceKey: optional(deviceKey) }), longestOrder),
      wasOn: boolean,
      bootTime: nullable(text(longestText)),
      tasks: list(text(longestText), longestOrder),
      startedAt: optional(integer(0, Number.MAX_SAFE_INTEGER)),
    }),
  ),
  delayed: optional(fields<NonNullable<BootNote["delayed"]>>({ override: nullable(override) })),
});

export const keptNoteCodec = fields<KeptNote>({ vm: text(longestText), note: noteCodec });
