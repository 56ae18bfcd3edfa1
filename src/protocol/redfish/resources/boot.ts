/** DSP0268 "ComputerSystem", Boot: the same boot device as IPMI's boot flags. */
import type { Firmware } from "../../../model/machine/inventory.js";
import type { BootDevice, BootOverride } from "../../../model/machine/machine.js";
import { oneOf } from "../checks.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import { allowableValues } from "../representation.js";
import type { Visit } from "../resource.js";
import { isCheck, type Writable } from "../writable.js";

const targets: Readonly<Record<string, BootDevice>> = {
  Pxe: "pxe",
  Hdd: "disk",
  Cd: "cdrom",
  Floppy: "floppy",
  BiosSetup: "bios",
};
const modes = { efi: "UEFI", bios: "Legacy" } as const;
const firmwares = ["efi", "bios"] as const;

export const bootWritable = {
  BootSourceOverrideTarget: oneOf(["None", ...Object.keys(targets)]),
  BootSourceOverrideEnabled: oneOf(["Disabled", "Once", "Continuous"]),
  BootSourceOverrideMode: oneOf(Object.values(modes)),
} satisfies Writable;

export function bootOf(override: BootOverride | undefined, firmware: Firmware | undefined): JsonObject {
  return {
    ...fromOverride(override),
    BootSourceOverrideMode: firmware && modes[firmware],
    ...allowableValues(Object.entries(bootWritable).filter(([, check]) => isCheck(check))),
  };
}

interface Wish {
  readonly BootSourceOverrideTarget: string;
  readonly BootSourceOverrideEnabled: string;
}

function fromOverride(override: BootOverride | undefined): Wish & JsonObject {
  return {
    BootSourceOverrideTarget: override ? targetOf(override.device) : "None",
    BootSourceOverrideEnabled: !override ? "Disabled" : override.persistent ? "Continuous" : "Once",
  };
}

function targetOf(device: BootDevice): string {
  return Object.keys(targets).find((target) => targets[target] === device) ?? "None";
}

/** A PATCH leaves missing properties unchanged. Rejects with RedfishError or MachineError. */
export async function writeBoot(changes: Json | undefined, visit: Visit): Promise<void> {
  if (!isJsonObject(changes)) {
    return;
  }
  const { BootSourceOverrideMode: mode, ...wish } = changes;
  if (mode !== undefined) {
    await writeMode(mode, visit);
  }
  if (Object.keys(wish).length > 0) {
    const present = fromOverride(await visit.bmc.bootFlags.read());
    await visit.bmc.bootFlags.write(toOverride({ ...present, ...wish }, wish), { expires: false });
  }
}

/** @param wish the client's values */
function toOverride(
  { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled }: Wish,
  wish: JsonObject,
): BootOverride | undefined {
  const device = targets[target];
  // A new target without Enabled applies to the next start.
  const isDisabled = enabled === "Disabled" && wish["BootSourceOverrideEnabled"] !== undefined;
  return device === undefined || isDisabled ? undefined : { device, persistent: enabled === "Continuous" };
}

/** The boot mode is the VM's firmware. Rejects with MachineError while the VM is on. */
async function writeMode(mode: Json, { machine }: Visit): Promise<void> {
  const firmware = firmwares.find((candidate) => modes[candidate] === mode);
  if (firmware !== undefined && machine.snapshot()?.firmware !== firmware) {
    await machine.configure({ firmware });
  }
}
