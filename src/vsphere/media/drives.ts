/** Drives of a VM, and the changes (vim25 VirtualDeviceConfigSpec) that put a medium in, or take it out. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";
import { fieldOf, numberOf, textOf, typeOf } from "../soapValue.js";

export interface Drive {
  readonly key: number;
  /** Datastore path; undefined where there is no image in it. */
  readonly image: string | undefined;
  readonly isConnected: boolean;
  /** The vim25 device as `soap` parsed it. */
  readonly device: unknown;
}

/** What decides on what can be changed now. */
export interface DriveHost {
  /** config.hardware.device as `soap` parsed it. */
  readonly devices: readonly unknown[];
  readonly isOn: boolean;
  /** Such as 19 of vmx-19. */
  readonly hardwareVersion: number;
}

const driveTypes: Readonly<Record<MediaSlotId, string>> = { cd: "VirtualCdrom", floppy: "VirtualFloppy" };

/** The first drive of the kind; undefined where there is none. */
export function findDrive(devices: readonly unknown[], slot: MediaSlotId): Drive | undefined {
  const device = devices.find((candidate) => typeOf(candidate) === driveTypes[slot]);
  const key = numberOf(fieldOf(device, "key"));
  if (key === undefined) {
    return undefined;
  }
  const backing = fieldOf(device, "backing");
  const isImage = /^Virtual(CdromIso|FloppyImage)BackingInfo$/.test(typeOf(backing) ?? "");
  const image = isImage ? textOf(fieldOf(backing, "fileName")) : undefined;
  return {
    key,
    image: image === "" ? undefined : image,
    isConnected: textOf(fieldOf(fieldOf(device, "connectable"), "connected")) === "true",
    device,
  };
}

export function hasFloppyController(devices: readonly unknown[]): boolean {
  return devices.some((device) => typeOf(device) === "VirtualSIOController");
}

type Change = Readonly<Record<string, unknown>>;

/** Throws MachineError where the VM has no drive and none can be added now. */
export function insertChanges(slot: MediaSlotId, image: string, host: DriveHost): readonly Change[] {
  const drive = findDrive(host.devices, slot);
  const medium = { backing: imageBacking(slot, image), connectable: connection(true, host.isOn) };
  return drive ? [edit(drive, slot, medium)] : addChanges(slot, medium, host);
}

export function ejectChanges(slot: MediaSlotId, drive: Drive): readonly Change[] {
  return [edit(drive, slot, { backing: emptyBacking(slot), connectable: connection(false, false) })];
}

interface Medium {
  readonly backing: unknown;
  readonly connectable: unknown;
}

/** Of a drive that is there; govmomi's simulator hangs up without its deviceInfo. */
function edit({ key, device }: Drive, slot: MediaSlotId, medium: Medium): Change {
  const info = fieldOf(device, "deviceInfo");
  return {
    operation: "edit",
    device: {
      attributes: { "xsi:type": `vim25:${driveTypes[slot]}` },
      key,
      deviceInfo: description(textOf(fieldOf(info, "label")) ?? "", textOf(fieldOf(info, "summary")) ?? ""),
      ...medium,
      controllerKey: numberOf(fieldOf(device, "controllerKey")),
      unitNumber: numberOf(fieldOf(device, "unitNumber")),
    },
  };
}

const switchOff = "switch the VM off first";
/** Drives can be added while a VM is on from this hardware version (ESXi 5.5). */
const firstHotPlugVersion = 10;
const ahciPlaces = 30;
const idePlaces = 2;
const maxAhciControllers = 4;

function addChanges(slot: MediaSlotId, medium: Medium, host: DriveHost): readonly Change[] {
  const { devices, isOn, hardwareVersion } = host;
  if (slot === "floppy") {
    const controller = firstOf(devices, "VirtualSIOController");
    if (controller === undefined) {
      throw new MachineError(
        "unsupported",
        "the VM has no floppy controller: give the image as an ISO for its CD drive",
      );
    }
    if (isOn) {
      throw new MachineError(
        "invalidState",
        `the VM has no floppy drive, and none can be added while it is on: ${switchOff}`,
      );
    }
    return [add(slot, -1, controller, medium)];
  }
  if (isOn && hardwareVersion < firstHotPlugVersion) {
    throw new MachineError(
      "invalidState",
      `the VM has no CD drive, and none can be added while it is on: ${switchOff}`,
    );
  }
  const ahci = withPlace(devices, "VirtualAHCIController", ahciPlaces);
  const ide = isOn ? undefined : withPlace(devices, "VirtualIDEController", idePlaces);
  const controller = ahci ?? ide;
  if (controller !== undefined) {
    return [add(slot, -1, controller, medium)];
  }
  const busNumbers = allOf(devices, "VirtualAHCIController").map((device) => numberOf(fieldOf(device, "busNumber")));
  if (busNumbers.length >= maxAhciControllers) {
    throw new MachineError("unsupported", "the VM has no CD drive and no place for one: take another device off it");
  }
  const busNumber = [0, 1, 2, 3].find((number) => !busNumbers.includes(number)) ?? 0;
  return [ahciController(-1, busNumber), add(slot, -2, -1, medium)];
}

/** `key` and a controller that is added in the same request are named by negative numbers. */
function add(slot: MediaSlotId, key: number, controllerKey: number, medium: Medium): Change {
  return {
    operation: "add",
    device: { attributes: { "xsi:type": `vim25:${driveTypes[slot]}` }, key, ...medium, controllerKey, unitNumber: -1 },
  };
}

function ahciController(key: number, busNumber: number): Change {
  return { operation: "add", device: { attributes: { "xsi:type": "vim25:VirtualAHCIController" }, key, busNumber } };
}

function withPlace(devices: readonly unknown[], type: string, places: number): number | undefined {
  return allOf(devices, type)
    .flatMap((device) => numberOf(fieldOf(device, "key")) ?? [])
    .find((key) => devices.filter((device) => numberOf(fieldOf(device, "controllerKey")) === key).length < places);
}

function allOf(devices: readonly unknown[], type: string): readonly unknown[] {
  return devices.filter((device) => typeOf(device) === type);
}

function firstOf(devices: readonly unknown[], type: string): number | undefined {
  return numberOf(fieldOf(allOf(devices, type)[0], "key"));
}

function imageBacking(slot: MediaSlotId, fileName: string): unknown {
  const type = slot === "cd" ? "VirtualCdromIsoBackingInfo" : "VirtualFloppyImageBackingInfo";
  return { attributes: { "xsi:type": `vim25:${type}` }, fileName };
}

function emptyBacking(slot: MediaSlotId): unknown {
  return slot === "cd"
    ? {
        attributes: { "xsi:type": "vim25:VirtualCdromRemotePassthroughBackingInfo" },
        deviceName: "",
        useAutoDetect: false,
        exclusive: false,
      }
    : {
        attributes: { "xsi:type": "vim25:VirtualFloppyRemoteDeviceBackingInfo" },
        deviceName: "",
        useAutoDetect: false,
      };
}

function connection(startConnected: boolean, connected: boolean): unknown {
  return { startConnected, allowGuestControl: true, connected };
}

function description(label: string, summary: string): unknown {
  return { attributes: { "xsi:type": "vim25:Description" }, label, summary };
}
