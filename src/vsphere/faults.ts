/** Maps vSphere faults and network errors to kinds of machine error: the only such table. */
import { reasonOf } from "../base/errors.js";
import { MachineError, type MachineErrorKind } from "../model/machine/errors.js";
import { byBaseType, lineage } from "./faultTypes.js";
import { type TransportProblem, VimFault, VimTransportError } from "./vimErrors.js";

/** By fault, or by the base type of faults that are not named here. */
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
  VAppOperationInProgress: "busy",
  Timedout: "timedOut",
  ManagedObjectNotFound: "notFound",
  NoPermission: "denied",
  RestrictedVersion: "denied",
  RestrictedByAdministrator: "denied",
  SecurityError: "denied",
  NotEnoughLicenses: "denied",
  HostAccessRestrictedToManagementServer: "denied",
  InvalidLogin: "unavailable",
  PasswordExpired: "unavailable",
  NotAuthenticated: "unavailable",
  NotSupported: "unsupported",
  NotImplemented: "unsupported",
  MethodNotFound: "unsupported",
  InvalidArgument: "unsupported",
  InvalidRequest: "unsupported",
};

export const transportKinds: Readonly<Record<TransportProblem, MachineErrorKind>> = {
  unreachable: "unavailable",
  timeout: "timedOut",
  badResponse: "unavailable",
  certificate: "unavailable",
  protocol: "unavailable",
  notSent: "busy",
};

/** For faults that are not in the table: the VM or its host is in the wrong state for the request. */
export const otherFaults: MachineErrorKind = "invalidState";

/** Guesses from the name of a type whose base type is unknown too, as in a newer API. */
const kindsByName: readonly (readonly [RegExp, MachineErrorKind])[] = [
  [/InProgress$|NotConnected$|NotReachable$/, "busy"],
  [/^NotSupported|NotSupported$|^Unsupported/, "unsupported"],
  [/^NoPermission|Restricted|NotLicensed$|License/, "denied"],
];

export function kindOfFault(fault: string): MachineErrorKind {
  return (
    byBaseType(faultKinds, fault) ??
    (lineage(fault).length > 1 ? undefined : kindsByName.find(([names]) => names.test(fault))?.[1]) ??
    otherFaults
  );
}

/** Converts any error of a call to a MachineError. */
export function toMachineError(error: unknown): MachineError {
  if (error instanceof MachineError) {
    return error;
  }
  if (error instanceof VimFault) {
    return new MachineError(kindOfFault(error.fault), error.message);
  }
  if (error instanceof VimTransportError) {
    return new MachineError(transportKinds[error.problem], error.message);
  }
  return new MachineError("unavailable", reasonOf(error));
}

/** Whether the error is a fault of one of these types or of a derived type. */
export function isFault(error: unknown, ...names: readonly string[]): error is VimFault {
  return error instanceof VimFault && derivesFrom(error, ...names);
}

function derivesFrom({ fault }: VimFault, ...names: readonly string[]): boolean {
  return lineage(fault).some((type) => names.includes(type));
}

/** The login was refused; retrying with the same credentials would fail too, and might lock the account. */
export function isLoginRefused(error: unknown): error is VimFault {
  return (
    error instanceof VimFault &&
    (derivesFrom(error, "InvalidLogin") || (derivesFrom(error, "NoPermission") && error.method === "Login"))
  );
}

/** Why a login was refused, and what to do. */
export function loginRefusal(
  error: VimFault,
  { viserver, username }: { readonly viserver: string; readonly username: string },
): string {
  const refused = `${viserver} refuses the login of ${username}`;
  if (derivesFrom(error, "PasswordExpired")) {
    return `${refused}: its password has expired, so set a new one in vSphere, then enter it with vbmc set --viserver-password-file`;
  }
  return derivesFrom(error, "InvalidLogin")
    ? `${refused}: check user name and password of the viserver account`
    : `${refused}: it has no role there at all, or the host is in lockdown mode; give it a role (docs/vsphere.md), or ` +
        "let the viserver be the vCenter, or make the account an exception user of the host";
}

/** The server refused this call, but the session is still valid. */
export function isRefusal(error: unknown): error is VimFault | MachineError {
  return (
    error instanceof MachineError ||
    (error instanceof VimFault && !derivesFrom(error, "NotAuthenticated") && error.method !== "Login")
  );
}
