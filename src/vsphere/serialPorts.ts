/** Serial ports of a VM, and the changes (vim25 VirtualDeviceConfigSpec) that make one its console, or take it away. */
import { defined } from "../base/defined.js";
import type { ConsoleSetup, NetworkBacking, SerialBacking, SerialPort } from "../model/machine/serialPort.js";
import { booleanOf, fieldOf, numberOf, textOf, typeOf, withoutUnknown } from "./soapValue.js";

const portType = "VirtualSerialPort";
const networkBackingType = "VirtualSerialPortURIBackingInfo";
/** The super I/O controller, which every VM has. */
const controllerType = "VirtualSIOController";
const usualControllerKey = 400;

/** `devices`: config.hardware.device as `soap` parsed it. */
export function decodeSerialPorts(devices: readonly unknown[]): readonly SerialPort[] {
  return devices.flatMap((device) => decodePort(device) ?? []);
}

function decodePort(device: unknown): SerialPort | undefined {
  const key = numberOf(fieldOf(device, "key"));
  if (typeOf(device) !== portType || key === undefined) {
    return undefined;
  }
  const connectable = fieldOf(device, "connectable");
  return {
    key,
    label: textOf(fieldOf(fieldOf(device, "deviceInfo"), "label")) ?? `Serial port ${key}`,
    backing: decodeBacking(fieldOf(device, "backing")),
    isConnected: booleanOf(fieldOf(connectable, "connected")) ?? false,
    startsConnected: booleanOf(fieldOf(connectable, "startConnected")) ?? false,
    ...withoutUnknown({ status: textOf(fieldOf(connectable, "status")) }),
    yieldsOnPoll: booleanOf(fieldOf(device, "yieldOnPoll")) ?? false,
  };
}

function decodeBacking(backing: unknown): SerialBacking {
  const type = typeOf(backing) ?? "none";
  const serviceUri = textOf(fieldOf(backing, "serviceURI"));
  if (type !== networkBackingType || serviceUri === undefined) {
    return { kind: "other", type };
  }
  const proxyUri = textOf(fieldOf(backing, "proxyURI"));
  return {
    kind: "network",
    serviceUri,
    direction: textOf(fieldOf(backing, "direction")) === "client" ? "client" : "server",
    ...(proxyUri !== undefined && proxyUri !== "" && { proxyUri }),
  };
}

/** Whether the port is as the set-up wants it, once the VM is on. */
export function isAsWanted({ backing, startsConnected, yieldsOnPoll }: SerialPort, setup: ConsoleSetup): boolean {
  return (
    backing.kind === "network" &&
    backing.serviceUri === setup.serviceUri &&
    backing.direction === setup.direction &&
    (backing.proxyUri ?? null) === setup.proxyUri &&
    startsConnected &&
    yieldsOnPoll
  );
}

export type DeviceChange = Readonly<Record<string, unknown>>;

export function addChange(setup: ConsoleSetup, devices: readonly unknown[]): DeviceChange {
  const controller = devices.find((device) => typeOf(device) === controllerType);
  return {
    operation: "add",
    device: {
      attributes: { "xsi:type": `vim25:${portType}` },
      // vSphere gives it a number of its own.
      key: -1,
      backing: encodeBacking(toBacking(setup)),
      connectable: encodeConnectable(false),
      controllerKey: numberOf(fieldOf(controller, "key")) ?? usualControllerKey,
      yieldOnPoll: true,
    },
  };
}

/** The backing that the port has: for a change of its connection alone. */
export function connectChange(port: SerialPort, devices: readonly unknown[], isConnected: boolean): DeviceChange {
  return edit(port, devices, port.backing.kind === "network" ? port.backing : undefined, isConnected);
}

export function backingChange(
  port: SerialPort,
  devices: readonly unknown[],
  setup: ConsoleSetup,
  isConnected: boolean,
): DeviceChange {
  return edit(port, devices, toBacking(setup), isConnected);
}

export function removeChange({ key }: SerialPort): DeviceChange {
  return { operation: "remove", device: { attributes: { "xsi:type": `vim25:${portType}` }, key } };
}

/** Fields in the order of the API; govmomi's simulator replaces the whole device. */
function edit(
  { key }: SerialPort,
  devices: readonly unknown[],
  backing: NetworkBacking | undefined,
  isConnected: boolean,
): DeviceChange {
  const device = devices.find((each) => typeOf(each) === portType && numberOf(fieldOf(each, "key")) === key);
  const info = fieldOf(device, "deviceInfo");
  const unitNumber = numberOf(fieldOf(device, "unitNumber"));
  return {
    operation: "edit",
    device: defined({
      attributes: { "xsi:type": `vim25:${portType}` },
      key,
      deviceInfo: {
        attributes: { "xsi:type": "vim25:Description" },
        label: textOf(fieldOf(info, "label")) ?? "",
        summary: textOf(fieldOf(info, "summary")) ?? "",
      },
      backing: backing && encodeBacking(backing),
      connectable: encodeConnectable(isConnected),
      controllerKey: numberOf(fieldOf(device, "controllerKey")) ?? usualControllerKey,
      unitNumber,
      yieldOnPoll: true,
    }),
  };
}

function toBacking({ serviceUri, direction, proxyUri }: ConsoleSetup): NetworkBacking {
  return { serviceUri, direction, ...(proxyUri !== null && { proxyUri }) };
}

function encodeBacking({ serviceUri, direction, proxyUri }: NetworkBacking): unknown {
  return defined({
    attributes: { "xsi:type": `vim25:${networkBackingType}` },
    serviceURI: serviceUri,
    direction,
    proxyURI: proxyUri,
  });
}

function encodeConnectable(connected: boolean): unknown {
  return { startConnected: true, allowGuestControl: true, connected };
}
