/** The stored form of a VM's boot note; what vSphere reported of the previous order is bounded before it is written. */
import {
  boolean,
  type Codec,
  fields,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  text,
} from "../../base/document/codec.js";
import type { BootOverride } from "../../model/machine/machine.js";
import type { BootEntry } from "../../vsphere/bootOrder.js";
import type { BootNote, PendingBoot } from "../../vsphere/nextBoot.js";

/** vim25 xsd:int. */
const deviceKey = integer(-(2 ** 31), 2 ** 31 - 1);
const maxOrderLength = 1_000;
const maxTextLength = 1_000;

const device = oneOf("pxe", "disk", "cdrom", "floppy");
const override = fields<BootOverride>({ device: oneOf("pxe", "disk", "cdrom", "floppy", "bios"), persistent: boolean });

/** The file's content: the note and the VM that it belongs to; undefined: the first 0.1.0 did not note it. */
export interface KeptNote {
  readonly vm: string | undefined;
  readonly note: BootNote;
}

const order = list(fields<BootEntry>({ device, deviceKey: optional(deviceKey) }), maxOrderLength);
const bootTime = nullable(text(maxTextLength));

const noteCodec = fields<BootNote>({
  pending: optional(
    fields<PendingBoot>({
      device,
      former: order,
      wasOn: boolean,
      bootTime,
      tasks: list(text(maxTextLength), maxOrderLength),
      startedAt: optional(integer(0, Number.MAX_SAFE_INTEGER)),
    }),
  ),
  delayed: optional(fields<NonNullable<BootNote["delayed"]>>({ override: nullable(override) })),
});

const currentCodec = fields<KeptNote>({ vm: optional(text(maxTextLength)), note: noteCodec });

/** What the first 0.1.0 wrote, and reads: a device for one start, and nothing else. */
const firstCodec = fields<Pick<PendingBoot, "device" | "former" | "bootTime">>({ device, former: order, bootTime });

/** Reads both forms, and writes them into one document, so that an upgrade and a way back lose no boot order. */
export const keptNoteCodec: Codec<KeptNote> = {
  decode: (value) => {
    if (typeof value !== "object" || value === null || "note" in value) {
      return currentCodec.decode(value);
    }
    const first = firstCodec.decode(value);
    return { vm: undefined, note: { pending: { ...first, wasOn: first.bootTime !== null, tasks: [] } } };
  },
  encode: (kept) => {
    const { pending } = kept.note;
    return Object.assign({}, pending && firstCodec.encode(pending), currentCodec.encode(kept));
  },
};
