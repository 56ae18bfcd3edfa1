/** Virtual devices of a simulated VM, as plain data and as vim25 values. */
import { createHash } from "node:crypto";

import { array, boolean, int, long, structure, symbol, text, type Value } from "./value.js";

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
  /** Of disks. */
  readonly capacityBytes?: number;
  /** Of serial ports. */
  readonly yieldOnPoll?: boolean;
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
  /** VirtualDeviceConnectInfoStatus; absent: ok. */
  readonly status?: string;
  /** Of serial ports: counts the requests to connect, each of which "closes the existing connection and opens a new one". */
  readonly connection?: number;
}

/** The file that a device gets its contents from; undefined for one without. */
export function imageOf({ backing }: VmDevice): string | undefined {
  const isImage = backing !== undefined && /^Virtual(CdromIso|FloppyImage)BackingInfo$/.test(backing.type);
  return isImage ? backing.fields["fileName"] : undefined;
}

const detachedUntilStart: Connectable = { startConnected: true, allowGuestControl: true, connected: false };

const detached: Connectable = { startConnected: false, allowGuestControl: true, connected: false };

const emptyCdrom: Backing = {
  type: "VirtualCdromRemotePassthroughBackingInfo",
  fields: { deviceName: "", useAutoDetect: "false", exclusive: "false" },
};

const emptyFloppy: Backing = {
  type: "VirtualFloppyRemoteDeviceBackingInfo",
  fields: { deviceName: "", useAutoDetect: "false" },
};

const plugged: Connectable = { startConnected: true, allowGuestControl: true, connected: true };

const network: Backing = {
  type: "VirtualEthernetCardNetworkBackingInfo",
  fields: { deviceName: "VM Network", useAutoDetect: "false" },
};

const gib = 2 ** 30;

const chipset: readonly VmDevice[] = [
  { type: "VirtualIDEController", key: 200, label: "IDE 0", busNumber: 0 },
  { type: "VirtualIDEController", key: 201, label: "IDE 1", busNumber: 1 },
  { type: "VirtualPCIController", key: 100, label: "PCI controller 0", busNumber: 0 },
  { type: "VirtualSIOController", key: 400, label: "SIO controller 0", busNumber: 0 },
];

/** Two disks and two network adapters, so that their order matters. */
export const usualDevices: readonly VmDevice[] = [
  ...chipset,
  { ...at(1000, 100, 3), type: "VirtualLsiLogicController", label: "SCSI controller 0", busNumber: 0 },
  { ...at(3000, 200, 0), type: "VirtualCdrom", label: "CD/DVD drive 1", backing: emptyCdrom, connectable: detached },
  { ...at(8000, 400, 0), type: "VirtualFloppy", label: "Floppy drive 1", backing: emptyFloppy, connectable: detached },
  { ...at(2000, 1000, 0), ...disk("Hard disk 1", 40 * gib) },
  { ...at(2001, 1000, 1), ...disk("Hard disk 2", 100 * gib) },
  { ...at(4000, 100, 7), ...card("VirtualVmxnet3", "Network adapter 1") },
  { ...at(4001, 100, 8), ...card("VirtualE1000", "Network adapter 2") },
];

/** As the vSphere client makes new VMs with EFI: paravirtual SCSI, the CD-ROM on SATA, no floppy. */
export const usualEfiDevices: readonly VmDevice[] = [
  ...chipset,
  { ...at(1000, 100, 3), type: "ParaVirtualSCSIController", label: "SCSI controller 0", busNumber: 0 },
  { ...at(15000, 100, 24), type: "VirtualAHCIController", label: "SATA controller 0", busNumber: 0 },
  { ...at(16000, 15000, 0), type: "VirtualCdrom", label: "CD/DVD drive 1", backing: emptyCdrom, connectable: detached },
  { ...at(2000, 1000, 0), ...disk("Hard disk 1", 40 * gib) },
  { ...at(2001, 1000, 1), ...disk("Hard disk 2", 100 * gib) },
  { ...at(4000, 100, 7), ...card("VirtualVmxnet3", "Network adapter 1") },
  { ...at(4001, 100, 8), ...card("VirtualVmxnet3", "Network adapter 2") },
];

/** The first serial port of a VM: `tcp://:5001` waits for connections, `tcp://HOST:PORT` connects. */
export function networkSerialPort(serviceUri: string, proxyUri?: string): VmDevice {
  const isServer = proxyUri !== undefined || /:\/\/:/.test(serviceUri);
  return {
    ...at(9000, 400, 0),
    type: "VirtualSerialPort",
    label: "Serial port 1",
    backing: {
      type: "VirtualSerialPortURIBackingInfo",
      fields: {
        serviceURI: serviceUri,
        direction: isServer ? "server" : "client",
        ...(proxyUri !== undefined && { proxyURI: proxyUri }),
      },
    },
    connectable: detachedUntilStart,
    yieldOnPoll: true,
  };
}

function disk(label: string, capacityBytes: number): Pick<VmDevice, "capacityBytes" | "label" | "type"> {
  return { type: "VirtualDisk", label, capacityBytes };
}

function card(type: string, label: string): Pick<VmDevice, "backing" | "connectable" | "label" | "type"> {
  return { type, label, backing: network, connectable: plugged };
}

/** As they are after a start. */
export function startedDevices(devices: readonly VmDevice[]): readonly VmDevice[] {
  return devices.map(({ connectable, ...device }) => ({
    ...device,
    ...(connectable && { connectable: { ...connectable, connected: connectable.startConnected } }),
  }));
}

/** As they are once the VM is off. */
export function stoppedDevices(devices: readonly VmDevice[]): readonly VmDevice[] {
  return devices.map(({ connectable, ...device }) => ({
    ...device,
    ...(connectable && { connectable: { ...connectable, connected: false } }),
  }));
}

function at(
  key: number,
  controllerKey: number,
  unitNumber: number,
): Required<Pick<VmDevice, "controllerKey" | "key" | "unitNumber">> {
  return { key, controllerKey, unitNumber };
}

/** Whose devices they are: file names, identifiers and addresses come from it. */
export interface DeviceOwner {
  /** BIOS UUID. */
  readonly uuid: string;
  /** Such as `[datastore1] vm-101`. */
  readonly folder: string;
  /** Nothing is connected while it is off. */
  readonly isOn: boolean;
}

/** config.hardware.device */
export function deviceValues(owner: DeviceOwner, devices: readonly VmDevice[]): Value[] {
  return devices.map((device) => deviceValue(owner, device, devices));
}

/** Fields in the order of the API: of the base class, then of the device's own. */
function deviceValue(owner: DeviceOwner, device: VmDevice, all: readonly VmDevice[]): Value {
  const { type, key, label, connectable, controllerKey, unitNumber } = device;
  const backing = type === "VirtualDisk" ? diskBacking(owner, key) : device.backing;
  return structure(type, {
    key: int(key),
    deviceInfo: structure("Description", { label: text(label), summary: text(imageOf(device) ?? label) }),
    backing: backing && backingValue(backing),
    connectable: connectable && connectableValue(connectable, owner),
    controllerKey: optionalInt(controllerKey),
    unitNumber: optionalInt(unitNumber),
    ...ownFields(owner, device, all),
  });
}

function ownFields({ uuid }: DeviceOwner, device: VmDevice, all: readonly VmDevice[]): Record<string, Value> {
  const { key, type, busNumber, capacityBytes, yieldOnPoll } = device;
  if (capacityBytes !== undefined) {
    return { capacityInKB: long(capacityBytes / 1_024), capacityInBytes: long(capacityBytes) };
  }
  if (yieldOnPoll !== undefined) {
    return { yieldOnPoll: boolean(yieldOnPoll) };
  }
  if (isEthernetCard(device)) {
    return { addressType: text("assigned"), macAddress: text(macAddress(uuid, key)) };
  }
  if (busNumber === undefined) {
    return {};
  }
  const attached = all.filter((other) => other.controllerKey === key).map((other) => int(other.key));
  const isScsi = /SCSI|LsiLogic/.test(type);
  return {
    busNumber: int(busNumber),
    device: array("int", attached),
    ...(isScsi && { sharedBus: symbol("VirtualSCSISharing", "noSharing"), scsiCtlrUnitNumber: int(7) }),
  };
}

function diskBacking({ uuid, folder }: DeviceOwner, key: number): Backing {
  return {
    type: "VirtualDiskFlatVer2BackingInfo",
    fields: {
      fileName: `${folder}/disk-${key}.vmdk`,
      diskMode: "persistent",
      thinProvisioned: "true",
      uuid: uuidOf(`disk ${uuid} ${key}`),
    },
  };
}

const booleans = ["useAutoDetect", "exclusive", "thinProvisioned"];

function backingValue({ type, fields }: Backing): Value {
  const entries = Object.entries(fields);
  return structure(
    type,
    Object.fromEntries(
      entries.map(([name, value]) => [name, booleans.includes(name) ? boolean(value === "true") : text(value)]),
    ),
  );
}

function connectableValue(connectable: Connectable, { isOn }: DeviceOwner): Value {
  const { startConnected, allowGuestControl, connected, status = "ok" } = connectable;
  return structure("VirtualDeviceConnectInfo", {
    startConnected: boolean(startConnected),
    allowGuestControl: boolean(allowGuestControl),
    connected: boolean(isOn && connected),
    status: text(status),
  });
}

function optionalInt(value: number | undefined): Value | undefined {
  return value === undefined ? undefined : int(value);
}

export function isEthernetCard({ type }: VmDevice): boolean {
  return /^Virtual(E1000e?|PCNet32|Vmxnet\w*)$|EthernetCard$/.test(type);
}

/** Of VMware's range. */
export function macAddress(uuid: string, key: number): string {
  const [first = 0, ...others] = createHash("sha256").update(`${uuid} ${key}`).digest().subarray(0, 3);
  // Up to 3f they are for people to give, from 80 on vCenter gives them.
  return ["00", "50", "56", ...[first | 0x80, ...others].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** The same for every start of the simulator. */
export function uuidOf(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
