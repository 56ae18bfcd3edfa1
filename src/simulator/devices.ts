/** Virtual devices of a simulated VM, as plain data and as vim25 values. */
import { createHash } from "node:crypto";
import { array, boolean, int, structure, symbol, text, type Value } from "./value.js";

export interface VmDevice {
  /** vim25 type, such as VirtualDisk. */
  readonly type: string;
  readonly key: number;
  readonly label: string;
  /** Key of the controller that it is attached to. */
  readonly controllerKey?: number;
  /** Its place on the controller. */
  readonly unitNumber?: number;
  /** Of controllers. */
  readonly busNumber?: number;
  readonly backing?: Backing;
  readonly connectable?: Connectable;
}

/** What is behind a device: a vim25 backing type and its texts, such as fileName or deviceName. */
export interface Backing {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** VirtualDeviceConnectInfo */
export interface Connectable {
  readonly startConnected: boolean;
  readonly allowGuestControl: boolean;
  readonly connected: boolean;
}

/** The file that a device gets its contents from; undefined for one without. */
export function imageOf({ backing }: VmDevice): string | undefined {
  const isImage = backing !== undefined && /^Virtual(CdromIso|FloppyImage)BackingInfo$/.test(backing.type);
  return isImage ? backing.fields["fileName"] : undefined;
}

const detached: Connectable = { startConnected: false, allowGuestControl: true, connected: false };

const emptyCdrom: Backing = {
  type: "VirtualCdromRemotePassthroughBackingInfo",
  fields: { deviceName: "", useAutoDetect: "false", exclusive: "false" },
};

const emptyFloppy: Backing = {
  type: "VirtualFloppyRemoteDeviceBackingInfo",
  fields: { deviceName: "", useAutoDetect: "false" },
};

/** Two disks and two network adapters, so that their order matters. */
export const usualDevices: readonly VmDevice[] = [
  { type: "VirtualIDEController", key: 200, label: "IDE 0", busNumber: 0 },
  { type: "VirtualIDEController", key: 201, label: "IDE 1", busNumber: 1 },
  { type: "VirtualSIOController", key: 400, label: "SIO controller 0", busNumber: 0 },
  { type: "VirtualLsiLogicController", key: 1000, label: "SCSI controller 0", busNumber: 0 },
  { ...at(3000, 200, 0), type: "VirtualCdrom", label: "CD/DVD drive 1", backing: emptyCdrom, connectable: detached },
  { ...at(8000, 400, 0), type: "VirtualFloppy", label: "Floppy drive 1", backing: emptyFloppy, connectable: detached },
  { ...at(2000, 1000, 0), type: "VirtualDisk", label: "Hard disk 1" },
  { ...at(2001, 1000, 1), type: "VirtualDisk", label: "Hard disk 2" },
  { type: "VirtualVmxnet3", key: 4000, label: "Network adapter 1" },
  { type: "VirtualE1000", key: 4001, label: "Network adapter 2" },
];

function at(
  key: number,
  controllerKey: number,
  unitNumber: number,
): Required<Pick<VmDevice, "controllerKey" | "key" | "unitNumber">> {
  return { key, controllerKey, unitNumber };
}

/** config.hardware.device; `id` is the VM's, which MAC addresses come from. */
export function deviceValues(id: string, devices: readonly VmDevice[]): Value[] {
  return devices.map((device) => deviceValue(id, device, devices));
}

function deviceValue(id: string, device: VmDevice, all: readonly VmDevice[]): Value {
  const { type, key, label, backing, connectable, controllerKey, unitNumber, busNumber } = device;
  const attached = all.filter((other) => other.controllerKey === key);
  return structure(type, {
    key: int(key),
    deviceInfo: structure("Description", { label: text(label), summary: text(imageOf(device) ?? label) }),
    backing: backing && backingValue(backing),
    connectable: connectable && connectableValue(connectable),
    controllerKey: optionalInt(controllerKey),
    unitNumber: optionalInt(unitNumber),
    busNumber: optionalInt(busNumber),
    ...(busNumber !== undefined && {
      device: array(
        "int",
        attached.map((other) => int(other.key)),
      ),
    }),
    ...(key >= 4000 && key < 5000 && { addressType: text("assigned"), macAddress: text(macAddress(id, key)) }),
  });
}

const booleans = ["useAutoDetect", "exclusive"];

function backingValue({ type, fields }: Backing): Value {
  const entries = Object.entries(fields);
  return structure(
    type,
    Object.fromEntries(
      entries.map(([name, value]) => [name, booleans.includes(name) ? boolean(value === "true") : text(value)]),
    ),
  );
}

function connectableValue({ startConnected, allowGuestControl, connected }: Connectable): Value {
  return structure("VirtualDeviceConnectInfo", {
    startConnected: boolean(startConnected),
    allowGuestControl: boolean(allowGuestControl),
    connected: boolean(connected),
    status: symbol("VirtualDeviceConnectInfoStatus", "ok"),
  });
}

function optionalInt(value: number | undefined): Value | undefined {
  return value === undefined ? undefined : int(value);
}

function macAddress(id: string, key: number): string {
  const bytes = createHash("sha256").update(`${id} ${key}`).digest().subarray(0, 3);
  return ["00", "50", "56", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
