/** vSphere faults and network errors, and the kind of machine error that each is: the one table. */
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

/** Of faults that are not in the table: the VM or its host is in no state for what was asked. */
export const otherFaults: MachineErrorKind = "invalidState";

/** What the names of types say that not even their base type is known of, as those of a newer API. */
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

/** Any error of a call, as the rest of the program knows it. */
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

/** A fault of one of these types, or of one that derives from it. */
export function isFault(error: unknown, ...names: readonly string[]): error is VimFault {
  return error instanceof VimFault && derivesFrom(error, ...names);
}

function derivesFrom({ fault }: VimFault, ...names: readonly string[]): boolean {
  return lineage(fault).some((type) => names.includes(type));
}

/** The log-in was refused, and another try with the same would be too: at worst it would lock the account. */
export function isLoginRefused(error: unknown): error is VimFault {
  return (
    error instanceof VimFault &&
    (derivesFrom(error, "InvalidLogin") || (derivesFrom(error, "NoPermission") && error.method === "Login"))
  );
}

/** Why a log-in was refused, and what to do. */
export function loginRefusal(
  error: VimFault,
  { viserver, username }: { readonly viserver: string; readonly username: string },
): string {
  const refused = `${viserver} refuses the login of ${username}`;
  if (derivesFrom(error, "PasswordExpired")) {
    return `${refused}: its password has expired, so set a new one in vSphere, and tell it with vbmc set --viserver-password-file`;
  }
  return derivesFrom(error, "InvalidLogin")
    ? `${refused}: check user name and password of the viserver account`
    : `${refused}: it has no role there at all, or the host is in lockdown mode; give it a role (docs/vsphere.md), or ` +
        "let the viserver be the vCenter, or make the account an exception user of the host";
}

/** An answer of a session that goes on: the server refuses what was asked, and may grant the next call. */
export function isRefusal(error: unknown): error is VimFault | MachineError {
  return (
    error instanceof MachineError ||
    (error instanceof VimFault && !derivesFrom(error, "NotAuthenticated") && error.method !== "Login")
  );
}
