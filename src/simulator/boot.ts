/** What a VM starts from: the first device of its boot order that has something to start. */
import { type StoredFile, volumeIdOf } from "./datastore.js";
import { imageOf, type VmDevice } from "./devices.js";
import { Fault } from "./fault.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { text } from "./value.js";

export interface BootSource {
  readonly device: "Cdrom" | "Disk" | "Ethernet" | "Floppy";
  /** The image in the drive, as a datastore path. */
  readonly image?: string;
  /** Its name by its own account, such as `RHEL-9-4-0`. */
  readonly volumeId?: string;
}

export type FileAt = (datastorePath: string) => StoredFile | undefined;

/** Where there is no boot order, or nothing in it starts. */
const ownOrder: readonly BootSource["device"][] = ["Floppy", "Disk", "Cdrom", "Ethernet"];

/** undefined: nothing is there to start from. */
export function bootSource(vm: SimulatedVm, fileAt: FileAt): BootSource | undefined {
  const wanted = vm.bootOptions.bootOrder.flatMap(({ type }) => /Bootable(\w+)Device$/.exec(type)?.[1] ?? []);
  for (const device of [...wanted, ...ownOrder] as BootSource["device"][]) {
    const source = sourceOf(device, vm, fileAt);
    if (source) {
      return source;
    }
  }
  return undefined;
}

function sourceOf(device: BootSource["device"], vm: SimulatedVm, fileAt: FileAt): BootSource | undefined {
  const has = (type: RegExp): boolean => vm.devices.some((candidate) => type.test(candidate.type));
  switch (device) {
    case "Disk":
      return vm.hasSystemOnDisk && has(/^VirtualDisk$/) ? { device } : undefined;
    case "Ethernet":
      return has(/^Virtual(E1000e?|PCNet32|Vmxnet\w*)$/) ? { device } : undefined;
    case "Cdrom":
      return inserted(vm, "VirtualCdrom").flatMap((image) => toSource(device, image, fileAt(image)))[0];
    case "Floppy":
      return inserted(vm, "VirtualFloppy").flatMap((image) => (fileAt(image) ? [{ device, image }] : []))[0];
  }
}

function toSource(device: BootSource["device"], image: string, file: StoredFile | undefined): BootSource[] {
  const volumeId = file && volumeIdOf(file);
  return volumeId === undefined ? [] : [{ device, image, volumeId }];
}

function inserted({ devices }: SimulatedVm, type: string): readonly string[] {
  return devices.flatMap((device) => {
    const image = imageOf(device);
    return device.type === type && device.connectable?.connected === true && image !== undefined ? [image] : [];
  });
}

/** Throws FileNotFound for an image that is to be connected at the start and is not there. */
export function requireImages(devices: readonly VmDevice[], fileAt: FileAt): void {
  for (const device of devices) {
    const image = imageOf(device);
    if (device.connectable?.startConnected === true && image !== undefined && !fileAt(image)) {
      throw new Fault("FileNotFound", `File ${image} was not found`, { file: text(image) });
    }
  }
}

/** The name of a guest that runs from an image: the image's own. */
export function liveHostName({ volumeId = "" }: BootSource): string {
  return (
    volumeId
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "live"
  );
}
