/** The serial port of a VM that is its console: reads it, sets it up, and takes it away. */
import { MachineError } from "../model/machine/errors.js";
import {
  type ConsolePortSought,
  type ConsoleSetup,
  type ConsoleSetupOutcome,
  findConsolePort,
  type NetworkBacking,
  type SerialPort,
  type SerialPortReport,
  shownServiceUri,
} from "../model/machine/serialPort.js";
import { allConsolePrivileges, consolePrivileges } from "./consolePrivileges.js";
import { consoleWarnings } from "./consoleWarnings.js";
import { isFault } from "./faults.js";
import { firmwarePaths, showFirmware, showsFirmware } from "./firmwareConsole.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { readProperties, reported } from "./properties.js";
import { missingOf, requirePrivileges } from "./requiredPrivileges.js";
import {
  addChange,
  backingChange,
  connectChange,
  decodeSerialPorts,
  type DeviceChange,
  isAsWanted,
  removeChange,
} from "./serialPorts.js";
import type { VimSession } from "./session.js";
import { listOf, textOf } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

export interface ConsolePortOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  /** Reconfigures the VM with a ConfigSpec. */
  readonly reconfigure: (spec: Record<string, unknown>) => Promise<void>;
}

interface Facts {
  /** As `soap` parsed them. */
  readonly devices: readonly unknown[];
  readonly ports: readonly SerialPort[];
  readonly powerState: string | undefined;
  readonly host: MoRef | undefined;
  /** See showsFirmware. */
  readonly showsFirmware: boolean | undefined;
}

const vmInWords = "the VM";

/** The functions of this file throw MachineError, VimFault or VimTransportError. */
export async function readSerialPorts({
  session,
  reference,
}: Pick<ConsolePortOptions, "reference" | "session">): Promise<SerialPortReport> {
  const { ports, powerState, host } = await readFacts(session, reference);
  const backing = ports.map((port) => port.backing).find((each) => each.kind === "network");
  const wish = { object: reference, name: vmInWords, privileges: allConsolePrivileges };
  const [missing, warnings] = await Promise.all([missingOf(session, [wish]), consoleWarnings(session, host, backing)]);
  const lack = missing.map(
    ({ privileges }) => `the account cannot set the console up: add ${privileges.join(", ")} to its role on the VM`,
  );
  return { ports, isOff: powerState === "poweredOff", warnings: [...lack, ...warnings] };
}

export async function setUpConsole(options: ConsolePortOptions, setup: ConsoleSetup): Promise<ConsoleSetupOutcome> {
  const { session, reference } = options;
  const facts = await readFacts(session, reference);
  const present = findConsolePort(facts.ports, setup);
  const done = await (present ? correct(options, facts, present, setup) : add(options, facts, setup));
  const isHidden = facts.showsFirmware === false;
  const hidden = isHidden ? await showFirmware(options.reconfigure) : undefined;
  const change = done === "none" && isHidden && hidden === undefined ? "changed" : done;
  const after = change === "none" ? facts : await readFacts(session, reference);
  const port = findConsolePort(after.ports, setup);
  if (!port) {
    throw new MachineError("unavailable", "vSphere says that the serial port was set up, and the VM does not have it");
  }
  const { direction, serviceUri, proxyUri } = setup;
  const backing: NetworkBacking = { serviceUri, direction, ...(proxyUri !== null && { proxyUri }) };
  const warnings = await consoleWarnings(session, facts.host, backing);
  return { change, port, warnings: [...(hidden === undefined ? [] : [hidden]), ...warnings] };
}

/**
 * Disconnects and connects a port of a VM that is on, which brings its concentrator back where the host does not try by
 * itself. Nothing else is changed; resolves with false where there is nothing to connect.
 */
export async function reconnectConsole(options: ConsolePortOptions, serviceUri: string): Promise<boolean> {
  const { devices, ports, powerState } = await readFacts(options.session, options.reference);
  const port = ports.find(({ backing }) => backing.kind === "network" && backing.serviceUri === serviceUri);
  if (powerState !== "poweredOn" || port === undefined) {
    return false;
  }
  await require(options, consolePrivileges.connect);
  await plugIn(options, port, devices, connectChange(port, devices, true));
  return true;
}

/** Makes the change that connects the port, which must not be connected for it. */
async function plugIn(
  options: ConsolePortOptions,
  port: SerialPort,
  devices: readonly unknown[],
  change: DeviceChange,
): Promise<void> {
  if (port.isConnected) {
    await reconfigureWith(options, connectChange(port, devices, false), "changes");
  }
  await reconfigureWith(options, change, "changes");
}

/** Resolves with false where there is none. */
export async function removeConsole(options: ConsolePortOptions, sought: ConsolePortSought): Promise<boolean> {
  const facts = await readFacts(options.session, options.reference);
  const port = findConsolePort(facts.ports, sought);
  if (!port) {
    return false;
  }
  requireOff(facts, "removes");
  await require(options, consolePrivileges.remove);
  await reconfigureWith(options, removeChange(port), "removes");
  return true;
}

async function add(options: ConsolePortOptions, facts: Facts, setup: ConsoleSetup): Promise<"added"> {
  requireOff(facts, "adds");
  await require(options, consolePrivileges.add);
  await reconfigureWith(options, addChange(setup, facts.devices), "adds");
  return "added";
}

/** Brings a port that is there to what is wanted; one that is connected has to be disconnected for it. */
async function correct(
  options: ConsolePortOptions,
  { devices, powerState }: Facts,
  port: SerialPort,
  setup: ConsoleSetup,
): Promise<ConsoleSetupOutcome["change"]> {
  const isOn = powerState === "poweredOn";
  const isRight = isAsWanted(port, setup);
  if (isRight && !(isOn && (setup.reconnect || !port.isConnected))) {
    return "none";
  }
  if (powerState === "suspended") {
    throw new MachineError(
      "invalidState",
      "the VM is suspended, and vSphere changes no serial port then: resume it first",
    );
  }
  await require(options, isOn ? consolePrivileges.connect : consolePrivileges.change);
  await plugIn(options, port, devices, backingChange(port, devices, setup, isOn));
  return isRight ? "reconnected" : "changed";
}

async function readFacts(session: VimSession, reference: MoRef): Promise<Facts> {
  const paths = ["config.hardware.device", "runtime.powerState", "runtime.host", ...firmwarePaths];
  const properties = await readProperties(session, reference, paths);
  const devices = listOf(reported(properties, "config.hardware.device"), "VirtualDevice");
  return {
    devices,
    ports: decodeSerialPorts(devices),
    powerState: textOf(reported(properties, "runtime.powerState")),
    host: fromSoap(properties.get("runtime.host")),
    showsFirmware: showsFirmware(properties),
  };
}

type Verb = "adds" | "changes" | "removes";

function requireOff({ powerState }: Facts, verb: Verb): void {
  if (powerState !== "poweredOff") {
    throw onlyWhileOff(verb, powerState === "suspended" ? "suspended" : "on");
  }
}

function onlyWhileOff(verb: Verb, state: string): MachineError {
  return new MachineError(
    "invalidState",
    `the VM is ${state}, and vSphere ${verb} a serial port only while it is off: switch it off first`,
  );
}

function require({ session, reference }: ConsolePortOptions, privileges: readonly string[]): Promise<void> {
  return requirePrivileges(session, [{ object: reference, name: vmInWords, privileges }]);
}

/** No error contains the token of the service URI. */
async function reconfigureWith({ reconfigure }: ConsolePortOptions, change: DeviceChange, verb: Verb): Promise<void> {
  try {
    await reconfigure({ deviceChange: [change] });
  } catch (error) {
    if (isFault(error, "DeviceHotPlugNotSupported", "InvalidPowerState")) {
      throw onlyWhileOff(verb, "on");
    }
    if (isFault(error, "TooManyDevices")) {
      throw new MachineError("unsupported", "the VM has as many serial ports as it can have: take one away in vSphere");
    }
    if (isFault(error, "InvalidDeviceBacking", "DeviceBackingNotSupported", "RemoteDeviceNotSupported")) {
      throw new MachineError(
        "unsupported",
        `vSphere does not accept the address of the console for this VM (${shownServiceUri(error.message)}): ` +
          "see [console] address and the BMC's console key",
      );
    }
    throw error instanceof VimFault
      ? new VimFault(error.fault, withoutFault(shownServiceUri(error.message), error.fault), error.detail, error.method)
      : error;
  }
}

/** VimFault puts its type in front. */
function withoutFault(message: string, fault: string): string {
  return message.startsWith(`${fault}: `) ? message.slice(fault.length + 2) : message;
}
