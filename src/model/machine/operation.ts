/** The machine's operations as plain data, for messages between processes: a new one needs a row in each table here. */
import type { MachineErrorKind } from "./errors.js";
import type { MachineChange, MachineInventory } from "./inventory.js";
import type { BootOverride, PowerOperation } from "./machine.js";
import type { MediaInsertion, MediaSlot, MediaSlotId } from "./media.js";
import type { ConsolePortSought, ConsoleSetup, ConsoleSetupOutcome, SerialPortReport } from "./serialPort.js";
import type { MachineSnapshot } from "./snapshot.js";
import type { MachineStatistics } from "./statistics.js";

/**
 * Name → the fields of the request besides its name, and the result; undefined for a change that vCenter has not finished.
 * JSON has no undefined: use null in requests.
 */
export interface MachineOperations {
  readSnapshot: { request: object; result: MachineSnapshot };
  readStatistics: { request: object; result: MachineStatistics };
  readBootOverride: { request: object; result: BootOverride | undefined };
  readInventory: { request: object; result: MachineInventory };
  power: { request: { readonly power: PowerOperation; readonly cycleIntervalMs?: number }; result: undefined };
  setBootOverride: { request: { readonly override: BootOverride | null }; result: undefined };
  configure: { request: { readonly change: MachineChange }; result: undefined };
  diagnosticInterrupt: { request: object; result: undefined };
  /** A picture of the screen: PNG, base64. */
  readScreen: { request: object; result: { readonly png: string } };
  readMedia: { request: object; result: readonly MediaSlot[] };
  insertMedia: { request: MediaInsertion; result: undefined };
  ejectMedia: { request: { readonly slot: MediaSlotId }; result: undefined };
  readSerialPorts: { request: object; result: SerialPortReport };
  /** Makes a network serial port the console, or the port that is one already as it should be. */
  setUpConsole: { request: ConsoleSetup; result: ConsoleSetupOutcome | undefined };
  /** Disconnects and connects the port with this service URI while the VM is on; false: there is none to be connected. */
  reconnectConsole: {
    request: { readonly serviceUri: string };
    result: { readonly isReconnected: boolean } | undefined;
  };
  /** Takes the port away that findConsolePort finds; false: there is none. */
  removeConsole: { request: ConsolePortSought; result: { readonly isRemoved: boolean } | undefined };
}

/**
 * Whether the operation may have side effects. A read-only one bypasses the queue of its VM, and may be repeated if its
 * answer is lost.
 */
const hasSideEffects: Readonly<Record<MachineOperationName, boolean>> = {
  readSnapshot: false,
  readStatistics: false,
  readBootOverride: false,
  readInventory: false,
  power: true,
  setBootOverride: true,
  configure: true,
  diagnosticInterrupt: true,
  readScreen: false,
  readMedia: false,
  insertMedia: true,
  ejectMedia: true,
  readSerialPorts: false,
  setUpConsole: true,
  reconnectConsole: true,
  removeConsole: true,
};

export type MachineOperationName = keyof MachineOperations;

export type MachineOperation<Name extends MachineOperationName = MachineOperationName> = {
  [Each in Name]: { readonly name: Each } & Readonly<MachineOperations[Each]["request"]>;
}[Name];

export type MachineOperationResult<Name extends MachineOperationName = MachineOperationName> =
  | { [Each in Name]: Success<MachineOperations[Each]["result"]> }[Name]
  | { readonly ok: false; readonly kind: MachineErrorKind; readonly message: string };

/** `value` is absent if there is no result. */
type Success<Result> = undefined extends Result
  ? { readonly ok: true; readonly value?: Result }
  : { readonly ok: true; readonly value: Result };

/** Without an answer to such an operation, its effect is unknown. */
export function changesMachine({ name }: MachineOperation): boolean {
  return hasSideEffects[name];
}
