/** Converts between a VM's boot order (vim25 VirtualMachineBootOptions) and IPMI's single boot device. */
import { defined } from "../base/defined.js";
import { MachineError } from "../model/machine/errors.js";
import type { BootDevice } from "../model/machine/machine.js";
import { isEthernetCard } from "./deviceTypes.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { type Properties, readProperties, reported } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, numberOf, textOf, typeOf } from "./soapValue.js";

export type OrderedDevice = Exclude<BootDevice, "bios">;

/** One entry of a boot order; CD and floppy are identified by their kind alone. */
export interface BootEntry {
  readonly device: OrderedDevice;
  readonly deviceKey?: number;
}

export interface BootOptions {
  readonly enterBiosSetup: boolean;
  /** Empty: the VM has no order of its own. */
  readonly order: readonly BootEntry[];
  readonly isOn: boolean;
  /** runtime.bootTime; undefined while the VM is off, or if the server does not report it. */
  readonly bootTime: string | undefined;
  /** IDs of the VM's latest tasks. */
  readonly tasks: readonly string[];
}

const bootableTypes: Readonly<Record<OrderedDevice, string>> = {
  pxe: "VirtualMachineBootOptionsBootableEthernetDevice",
  disk: "VirtualMachineBootOptionsBootableDiskDevice",
  cdrom: "VirtualMachineBootOptionsBootableCdromDevice",
  floppy: "VirtualMachineBootOptionsBootableFloppyDevice",
};
const orderedDevices = Object.keys(bootableTypes) as readonly OrderedDevice[];

/** An order of the base class alone clears the VM's order; an empty list would leave it as it is. */
const noOrder = [{ attributes: { "xsi:type": "vim25:VirtualMachineBootOptionsBootableDevice" } }];

/** "If bootable device is not reached before platform's limit is hit, boot will fail" (VirtualMachineBootOptions). */
const maxOfAKind: Readonly<Record<OrderedDevice, number>> = { pxe: 5, disk: 8, cdrom: 1, floppy: 1 };

const matchers: Readonly<Record<OrderedDevice, (type: string) => boolean>> = {
  pxe: isEthernetCard,
  disk: (type) => type === "VirtualDisk",
  cdrom: (type) => type === "VirtualCdrom",
  floppy: (type) => type === "VirtualFloppy",
};

/** Reads the VM's current settings. Throws VimFault or VimTransportError. */
export async function readBootOptions(session: VimSession, machine: MoRef): Promise<BootOptions> {
  const properties = await readProperties(session, machine, [
    "config.bootOptions",
    "runtime.bootTime",
    "runtime.powerState",
    "recentTask",
  ]);
  const options = reported(properties, "config.bootOptions");
  return {
    enterBiosSetup: textOf(fieldOf(options, "enterBIOSSetup")) === "true",
    order: listOf(fieldOf(options, "bootOrder")).flatMap(decodeEntry),
    isOn: textOf(properties.get("runtime.powerState")) === "poweredOn",
    bootTime: textOf(properties.get("runtime.bootTime")),
    tasks: recentTasks(properties).map(({ value }) => value),
  };
}

/** The tasks in `recentTask`, from any source. */
export function recentTasks(properties: Properties): readonly MoRef[] {
  return listOf(properties.get("recentTask"), "ManagedObjectReference").flatMap((value) => fromSoap(value) ?? []);
}

function decodeEntry(value: unknown): BootEntry[] {
  const type = typeOf(value);
  const device = orderedDevices.find((candidate) => bootableTypes[candidate] === type);
  const deviceKey = numberOf(fieldOf(value, "deviceKey"));
  return device ? [defined({ device, deviceKey })] : [];
}

/**
 * The order with `device` first and everything else after it: as many network adapters and disks as an order may hold,
 * first those of the `present` order, then the others in the VM's order. Throws MachineError if the VM has no such device.
 */
export async function orderWithFirst(
  session: VimSession,
  machine: MoRef,
  device: OrderedDevice,
  present: readonly BootEntry[],
): Promise<readonly BootEntry[]> {
  const path = "config.hardware.device";
  const devices = listOf((await readProperties(session, machine, [path])).get(path), "VirtualDevice");
  const all = orderedDevices.flatMap((candidate) => entriesOf(candidate, devices));
  const ranked = [...present.filter((entry) => all.some((other) => isSameEntry(entry, other))), ...all];
  const distinct = ranked.filter((entry, at) => ranked.findIndex((other) => isSameEntry(entry, other)) === at);
  const order = distinct.filter((entry) => isWithinLimit(entry, distinct));
  const first = order.filter((entry) => entry.device === device);
  if (first.length === 0) {
    throw new MachineError("unsupported", `the VM has no ${device} device to boot from`);
  }
  return [...first, ...order.filter((entry) => entry.device !== device)];
}

function isWithinLimit(entry: BootEntry, order: readonly BootEntry[]): boolean {
  return order.filter(({ device }) => device === entry.device).indexOf(entry) < maxOfAKind[entry.device];
}

function isSameEntry(a: BootEntry, b: BootEntry): boolean {
  return a.device === b.device && a.deviceKey === b.deviceKey;
}

function entriesOf(device: OrderedDevice, devices: readonly unknown[]): BootEntry[] {
  const keys = devices
    .filter((candidate) => matchers[device](typeOf(candidate) ?? ""))
    .flatMap((candidate) => numberOf(fieldOf(candidate, "key")) ?? []);
  if (device === "pxe" || device === "disk") {
    return keys.map((deviceKey) => ({ device, deviceKey }));
  }
  return keys.length > 0 ? [{ device }] : [];
}

/** ConfigSpec.bootOptions, fields in the order of the API; an empty order clears the VM's. */
export function toBootOptions(
  enterBiosSetup: boolean,
  order: readonly BootEntry[],
): { readonly enterBIOSSetup: boolean; readonly bootOrder: readonly unknown[] } {
  return {
    enterBIOSSetup: enterBiosSetup,
    bootOrder: order.length === 0 ? noOrder : order.map(encodeEntry),
  };
}

function encodeEntry({ device, deviceKey }: BootEntry): Record<string, unknown> {
  return defined({
    attributes: { "xsi:type": `vim25:${bootableTypes[device]}` },
    deviceKey,
  });
}
