/** vSphere faults and network errors, and the kind of machine error that each is: the one table. */
import { MachineError, type MachineErrorKind } from "../machine/errors.js";
import { VimFault, VimTransportError, type TransportProblem } from "./vimErrors.js";

const faultKinds: Readonly<Record<string, MachineErrorKind>> = {
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
  NotAuthenticated: "unavailable",
  NotSupported: "unsupported",
  NotImplemented: "unsupported",
  MethodNotFound: "unsupported",
  InvalidArgument: "unsupported",
};

const transportKinds: Readonly<Record<TransportProblem, MachineErrorKind>> = {
  unreachable: "unavailable",
  timeout: "timedOut",
  badResponse: "unavailable",
  certificate: "unavailable",
};

/** Any error of a call, as the rest of the program knows it. */
export function toMachineError(error: unknown): MachineError {
  if (error instanceof MachineError) {
    return error;
  }
  if (error instanceof VimFault) {
    return new MachineError(faultKinds[error.fault] ?? "invalidState", error.message);
  }
  if (error instanceof VimTransportError) {
    return new MachineError(transportKinds[error.problem], error.message);
  }
  return new MachineError("unavailable", error instanceof Error ? error.message : String(error));
}

export function isFault(error: unknown, ...names: readonly string[]): error is VimFault {
  return error instanceof VimFault && names.includes(error.fault);
}
