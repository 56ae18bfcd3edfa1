/** Boot device selector and boot flags (IPMI 2.0 §28.12, table 28-14, parameter 5). */
import type { BootDevice, BootOverride } from "../../../../model/machine/machine.js";
import { invalidField } from "../../requestData.js";

const flagsValid = 0x80;
const persistentBit = 0x40;
/**
 * Stored as set, because clients compare what they read with it: BIOS boot type (EFI), which of a device's selectors
 * was used, the lock of a reset button that no VM has, verbosity, overrides and device instance.
 */
const keptBits = [0x20, 0x3d, 0xff, 0xff, 0xff] as const;
const resetButtonLock = 0x01;
/** Data 2: what a VM cannot do for its next start. */
const impossible = [
  [0x80, "clearing the CMOS"],
  [0x40, "locking the keyboard"],
  [0x02, "blanking the screen"],
] as const;
export const bootFlagsLength = 5;
export const bootFlagsParameter = 5;

/**
 * Data 2 bits [5:2]. vSphere has one kind of disk, CD and floppy: remote ones are the same to it. "Safe mode" (3h) and
 * the diagnostic partition (4h) are not available.
 */
const selectors: Readonly<Record<number, BootDevice>> = {
  0x1: "pxe",
  0x2: "disk",
  0x5: "cdrom",
  0x6: "bios",
  0x7: "floppy",
  0x8: "cdrom",
  0xb: "disk",
  0xf: "floppy",
};
const noOverride = 0x0;

/** The default selector of each device. */
const selectorOf: Readonly<Record<BootDevice, number>> = { pxe: 0x1, disk: 0x2, cdrom: 0x5, bios: 0x6, floppy: 0xf };

/** undefined if the flags are not valid or select no device; throws CCh for what a VM does not have or cannot do. */
export function decodeBootFlags(data: Buffer): BootOverride | undefined {
  const [flags = 0, device = 0] = data;
  const selector = (device >> 2) & 0x0f;
  if ((flags & flagsValid) === 0) {
    return undefined;
  }
  const refused = impossible.find(([bit]) => (device & bit) !== 0);
  if (refused) {
    throw invalidField(`${refused[1]} is not possible`);
  }
  if (selector === noOverride) {
    return undefined;
  }
  const bootDevice = selectors[selector];
  if (!bootDevice) {
    throw invalidField(`boot device selector ${selector}`);
  }
  return { device: bootDevice, persistent: (flags & persistentBit) !== 0 };
}

/** The flags other than validity, persistence and device, which are read back as set. */
export function otherBootFlags(data: Buffer): Buffer {
  return Buffer.from(keptBits.map((mask, index) => (data[index] ?? 0) & mask));
}

/** @param others the flags set last, as returned by `otherBootFlags` */
export function encodeBootFlags(override: BootOverride | undefined, others: Buffer): Buffer {
  const data = Buffer.from(others);
  if (override) {
    data.writeUInt8(data.readUInt8(0) | flagsValid | (override.persistent ? persistentBit : 0), 0);
    data.writeUInt8((selectorFor(override.device, others) << 2) | (data.readUInt8(1) & resetButtonLock), 1);
  } else {
    data.writeUInt8(noOverride, 1);
  }
  return data;
}

/** The selector that was set last, unless another device has been chosen since. */
function selectorFor(device: BootDevice, others: Buffer): number {
  const kept = (others.readUInt8(1) >> 2) & 0x0f;
  return selectors[kept] === device ? kept : selectorOf[device];
}

/** For the event list; throws like decoding. */
export function describeBootFlags(data: Buffer): string {
  const override = decodeBootFlags(data);
  if (!override) {
    return "boot device: none";
  }
  return `boot device: ${override.device}, ${override.persistent ? "from now on" : "next boot only"}`;
}
