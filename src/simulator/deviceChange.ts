/** ConfigSpec.deviceChange: devices that are added, edited and removed, and what cannot be while the VM is on. */
import { parseDatastorePath } from "./datastore.js";
import { type Backing, type Connectable, imageOf, type VmDevice } from "./devices.js";
import { Fault } from "./fault.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { int } from "./value.js";
import { child, type Element } from "./xml.js";

/** What a change needs to know of the rest of the world. */
export interface DeviceContext {
  readonly vm: SimulatedVm;
  readonly isDatastore: (name: string) => boolean;
  /** Whether there is a file at a datastore path. */
  readonly hasFile: (datastorePath: string) => boolean;
}

/** The devices after all changes; throws InvalidDeviceSpec or one of its kind, and FileNotFound. */
export function applyDeviceChanges(changes: readonly Element[], context: DeviceContext): readonly VmDevice[] {
  /** Keys that the request made up, and those that the devices got. */
  const givenKeys = new Map<number, number>();
  return changes.reduce<readonly VmDevice[]>(
    (devices, change, index) => apply(change, { ...context, devices, givenKeys, index }),
    context.vm.devices,
  );
}

interface Step extends DeviceContext {
  readonly devices: readonly VmDevice[];
  readonly givenKeys: Map<number, number>;
  readonly index: number;
}

function apply(change: Element, step: Step): readonly VmDevice[] {
  const device = child(change, "device");
  if (!device?.xsiType) {
    throw invalid(step);
  }
  switch (child(change, "operation")?.text) {
    case "add":
      return add(device, step);
    case "edit":
      return edit(device, step);
    case "remove":
      return remove(device, step);
    default:
      throw invalid(step);
  }
}

function edit(element: Element, step: Step): readonly VmDevice[] {
  const present = deviceOf(element, step);
  const controllerKey = integer(element, "controllerKey");
  const unitNumber = integer(element, "unitNumber");
  const isMoved =
    (controllerKey !== undefined && controllerKey !== present.controllerKey) ||
    (unitNumber !== undefined && unitNumber !== present.unitNumber);
  if (isMoved && isOn(step)) {
    throw hotPlugRefused(step);
  }
  const edited = withMedium(element, { ...present, ...(isMoved && { controllerKey, unitNumber }) } as VmDevice, step);
  if (isOn(step) && isSerialPort(present) && present.connectable?.connected === true && isRewired(present, edited)) {
    throw hotPlugRefused(step);
  }
  return step.devices.map((device) => (device === present ? edited : device));
}

function remove(element: Element, step: Step): readonly VmDevice[] {
  const present = deviceOf(element, step);
  if (isOn(step) && !isHotPluggable(present, step)) {
    throw hotPlugRefused(step);
  }
  if (step.devices.some(({ controllerKey }) => controllerKey === present.key)) {
    throw invalid(step);
  }
  return step.devices.filter((device) => device !== present);
}

function deviceOf(element: Element, step: Step): VmDevice {
  const key = integer(element, "key");
  const found = step.devices.find((device) => device.key === key && device.type === element.xsiType);
  if (!found) {
    throw invalid(step, "DeviceNotFound");
  }
  return found;
}

/** Types that can be added: where their keys begin, and the kind of controller that they need. */
const addable: Readonly<
  Record<string, { readonly firstKey: number; readonly controller?: RegExp; readonly label: string }>
> = {
  VirtualCdrom: { firstKey: 16_000, controller: /^Virtual(AHCI|IDE)Controller$/, label: "CD/DVD drive" },
  VirtualFloppy: { firstKey: 8_000, controller: /^VirtualSIOController$/, label: "Floppy drive" },
  VirtualAHCIController: { firstKey: 15_000, label: "SATA controller" },
  VirtualSerialPort: { firstKey: 9_000, controller: /^VirtualSIOController$/, label: "Serial port" },
};

/** Places on a controller of a type. */
const places: Readonly<Record<string, number>> = {
  VirtualAHCIController: 30,
  VirtualIDEController: 2,
  VirtualSIOController: 2,
};
/** On the super I/O controller, which counts its floppy drives and its serial ports apart. */
const maxSerialPorts = 32;
const maxAhciControllers = 4;

function add(element: Element, step: Step): readonly VmDevice[] {
  const { devices, givenKeys } = step;
  const type = element.xsiType ?? "";
  const kind = addable[type];
  const busNumbers = devices.filter((device) => device.type === type).map(({ busNumber }) => busNumber);
  if (!kind || (type === "VirtualAHCIController" && busNumbers.length >= maxAhciControllers)) {
    throw invalid(step);
  }
  const controller = kind.controller && controllerOf(element, kind.controller, step);
  const isIde = controller?.type === "VirtualIDEController";
  const key = freeNumber(
    isIde ? 3_000 : kind.firstKey,
    devices.map((device) => device.key),
  );
  const made = withMedium(
    element,
    {
      type,
      key,
      label: `${kind.label} ${busNumbers.length + (kind.controller ? 1 : 0)}`,
      ...(controller && { controllerKey: controller.key, unitNumber: placeOn(controller, element, step) }),
      ...(!kind.controller && { controllerKey: 100, busNumber: freeNumber(0, busNumbers) }),
    },
    step,
  );
  if (isOn(step) && !isHotPluggable(made, step)) {
    throw hotPlugRefused(step);
  }
  givenKeys.set(integer(element, "key") ?? 0, key);
  return [...devices, made];
}

function controllerOf(element: Element, types: RegExp, step: Step): VmDevice {
  const wanted = integer(element, "controllerKey");
  const key = wanted === undefined ? undefined : (step.givenKeys.get(wanted) ?? wanted);
  const controller = step.devices.find((device) => device.key === key);
  if (!controller || !types.test(controller.type)) {
    throw invalid(step, "MissingController");
  }
  return controller;
}

function placeOn({ key, type }: VmDevice, element: Element, step: Step): number {
  const isSerial = element.xsiType === "VirtualSerialPort";
  const taken = step.devices
    .filter((device) => device.controllerKey === key && isSerialPort(device) === isSerial)
    .map(({ unitNumber }) => unitNumber);
  const wanted = integer(element, "unitNumber") ?? -1;
  const place = wanted < 0 ? freeNumber(0, taken) : wanted;
  if (isSerial && taken.length >= maxSerialPorts) {
    throw invalid(step, "TooManyDevices");
  }
  if (taken.includes(place) || place >= (isSerial ? maxSerialPorts : (places[type] ?? 0))) {
    throw invalid(step);
  }
  return place;
}

function freeNumber(first: number, taken: readonly (number | undefined)[]): number {
  return taken.includes(first) ? freeNumber(first + 1, taken) : first;
}

/** SATA takes drives, and PCI SATA controllers, while the VM is on, from hardware version 10 (ESXi 5.5). */
function isHotPluggable({ type, controllerKey }: VmDevice, { vm, devices }: Step): boolean {
  const controller = devices.find(({ key }) => key === controllerKey);
  const isSata = type === "VirtualAHCIController" || controller?.type === "VirtualAHCIController";
  return isSata && Number(/\d+$/.exec(vm.hardwareVersion)?.[0] ?? 0) >= 10;
}

/** With the backing and the connection that the request gives. */
function withMedium(element: Element, device: VmDevice, step: Step): VmDevice {
  const backing = child(element, "backing");
  const connectable = child(element, "connectable");
  const yields = booleanIn(element, "yieldOnPoll");
  const changed: VmDevice = {
    ...device,
    ...(backing && { backing: decodeBacking(backing, device.type, step) }),
    ...(connectable && { connectable: decodeConnectable(connectable, device, isOn(step)) }),
    ...(isSerialPort(device) && { yieldOnPoll: yields ?? device.yieldOnPoll ?? false }),
  };
  if (isSerialPort(changed) && !changed.backing) {
    throw invalid(step, "InvalidDeviceBacking");
  }
  const image = imageOf(changed);
  if (changed.connectable?.connected === true && image !== undefined && !step.hasFile(image)) {
    throw new Fault("FileNotFound", `File ${image} was not found`, {
      file: { kind: "text", type: "xsd:string", text: image },
    });
  }
  return changed;
}

/** What may be behind a device of the type. */
const backings: Readonly<Record<string, RegExp>> = {
  VirtualCdrom: /^VirtualCdrom(Iso|Atapi|Passthrough|RemoteAtapi|RemotePassthrough)BackingInfo$/,
  VirtualFloppy: /^VirtualFloppy(Image|Device|RemoteDevice)BackingInfo$/,
  VirtualSerialPort: /^VirtualSerialPort(URI|File|Pipe|Device)BackingInfo$/,
};

function decodeBacking(element: Element, deviceType: string, step: Step): Backing {
  const type = element.xsiType ?? "";
  const allowed = backings[deviceType];
  const fields = Object.fromEntries(
    element.children.filter(({ children }) => children.length === 0).map(({ name, text }) => [name, text]),
  );
  // The reference to the datastore is what the name says already.
  delete fields["datastore"];
  if (allowed && !allowed.test(type)) {
    throw invalid(step, "InvalidDeviceBacking");
  }
  // What the address itself says is looked at when the VM is switched on.
  if (type === "VirtualSerialPortURIBackingInfo") {
    const { serviceURI = "", direction = "" } = fields;
    if (serviceURI === "" || !["client", "server"].includes(direction)) {
      throw invalid(step, "InvalidDeviceBacking");
    }
  }
  if (/(Iso|Image|PortFile)BackingInfo$/.test(type)) {
    const parsed = parseDatastorePath(fields["fileName"] ?? "");
    if (!parsed || parsed.path === "" || !step.isDatastore(parsed.datastoreName)) {
      throw invalid(step, "InvalidDeviceBacking");
    }
  }
  return { type, fields };
}

function decodeConnectable(element: Element, device: VmDevice, isOnNow: boolean): Connectable {
  const flag = (name: string): boolean => child(element, name)?.text === "true";
  return {
    startConnected: flag("startConnected"),
    allowGuestControl: flag("allowGuestControl"),
    connected: isOnNow && flag("connected"),
    ...(isSerialPort(device) && { connection: (device.connectable?.connection ?? 0) + 1 }),
  };
}

function isSerialPort({ type }: VmDevice): boolean {
  return type === "VirtualSerialPort";
}

/** Whether something else is behind it. */
function isRewired(before: VmDevice, after: VmDevice): boolean {
  return JSON.stringify(before.backing) !== JSON.stringify(after.backing);
}

function booleanIn(element: Element, name: string): boolean | undefined {
  const text = child(element, name)?.text;
  return text === undefined ? undefined : text === "true" || text === "1";
}

function isOn({ vm }: Step): boolean {
  return vm.powerState === "poweredOn";
}

function integer(element: Element, name: string): number | undefined {
  const text = child(element, name)?.text;
  return text === undefined ? undefined : Number(text);
}

function invalid({ index }: Step, type = "InvalidDeviceSpec"): Fault {
  return new Fault(type, `Invalid configuration for device '${index}'.`, { deviceIndex: int(index) });
}

function hotPlugRefused({ index }: Step): Fault {
  return new Fault(
    "DeviceHotPlugNotSupported",
    `The device '${index}' cannot be hot-plugged into this virtual machine.`,
    {
      deviceIndex: int(index),
    },
  );
}

const mediumPrivileges: Readonly<Record<string, string>> = {
  VirtualCdrom: "VirtualMachine.Interact.SetCDMedia",
  VirtualFloppy: "VirtualMachine.Interact.SetFloppyMedia",
};

/** Privileges that the changes need on the VM, in addition to those of other fields. */
export function privilegesFor(changes: readonly Element[], { devices, powerState }: SimulatedVm): readonly string[] {
  const needed = changes.flatMap((change) => {
    const device = child(change, "device");
    if (child(change, "operation")?.text !== "edit") {
      return ["VirtualMachine.Config.AddRemoveDevice"];
    }
    const present = devices.find(({ key }) => device !== undefined && key === integer(device, "key"));
    const setMedium = mediumPrivileges[device?.xsiType ?? ""];
    const isConnected = child(child(device, "connectable"), "connected")?.text === "true";
    const isPlugged = powerState === "poweredOn" && isConnected !== present?.connectable?.connected;
    return [
      "VirtualMachine.Config.EditDevice",
      ...(child(device, "backing") && setMedium !== undefined ? [setMedium] : []),
      ...(isPlugged ? ["VirtualMachine.Interact.DeviceConnection"] : []),
    ];
  });
  return [...new Set(needed)];
}

/** Whether the changes take a medium out of a drive that the guest has locked. */
export function opensLockedDoor(vm: SimulatedVm, after: readonly VmDevice[]): boolean {
  const isWarned =
    vm.extraConfig["cdrom.showIsoLockWarning"] !== "FALSE" && vm.extraConfig["msg.autoAnswer"] !== "TRUE";
  return (
    vm.lockedDoor !== undefined &&
    isWarned &&
    vm.devices.some((before) => {
      const now = after.find(({ key }) => key === before.key);
      const isIn = before.type === "VirtualCdrom" && before.connectable?.connected === true;
      return isIn && (now?.connectable?.connected !== true || imageOf(now) !== imageOf(before));
    })
  );
}
