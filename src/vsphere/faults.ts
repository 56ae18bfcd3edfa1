/** vSphere faults and network errors, and the kind of machine error that each is: the one table. */
import { MachineError, type MachineErrorKind } from "../machine/errors.js";
import { VimFault, VimTransportError, type TransportProblem } from "./vimErrors.js";

export const faultKinds: Readonly<Record<string, MachineErrorKind>> = {
  InvalidPowerState: "invalidState",
  InvalidState: "invalidState",
  ToolsUnavailable: "invalidState",
  VmConfigFault: "invalidState",
  TaskInProgress: "busy",
  ConcurrentAccess: "busy",
  ResourceInUse: "busy",
  HostNotConnected: "busy",
  HostCommunication: "busy",
  RequestCanceled: "busy",
  ManagedObjectNotFound: "notFound",
  NoPermission: "denied",
  RestrictedVersion: "denied",
  RestrictedByAdministrator: "denied",
  InvalidLogin: "unavailable",
  PasswordExpired: "unavailable",
  NotAuthenticated: "unavailable",
  NotSupported: "unsupported",
  NotImplemented: "unsupported",
  MethodNotFound: "unsupported",
  InvalidArgument: "unsupported",
};

export const transportKinds: Readonly<Record<TransportProblem, MachineErrorKind>> = {
  unreachable: "unavailable",
  timeout: "timedOut",
  badResponse: "unavailable",
  certificate: "unavailable",
};

/** Of faults that are not in the table: the VM or its host is in no state for what was asked. */
export const otherFaults: MachineErrorKind = "invalidState";

/** Any error of a call, as the rest of the program knows it. */
export function toMachineError(error: unknown): MachineError {
  if (error instanceof MachineError) {
    return error;
  }
  if (error instanceof VimFault) {
    return new MachineError(faultKinds[error.fault] ?? otherFaults, error.message);
  }
  if (error instanceof VimTransportError) {
    return new MachineError(transportKinds[error.problem], error.message);
  }
  return new MachineError("unavailable", error instanceof Error ? error.message : String(error));
}

export function isFault(error: unknown, ...names: readonly string[]): error is VimFault {
  return error instanceof VimFault && names.includes(error.fault);
}

/** User name or password are wrong: another try with the same would only help to lock the account. */
export function isLoginRefused(error: unknown): boolean {
  return isFault(error, "InvalidLogin", "PasswordExpired");
}
