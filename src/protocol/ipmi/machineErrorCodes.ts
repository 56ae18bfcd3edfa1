/** Maps the machine's errors to completion codes: one per kind. */
import type { MachineErrorKind } from "../../model/machine/errors.js";
import { completionCode } from "./completionCode.js";

export const machineErrorCodes: Readonly<Record<MachineErrorKind, number>> = {
  busy: completionCode.nodeBusy,
  // Ironic and DPM retry after "node busy", so they survive a vCenter that is temporarily unreachable.
  unavailable: completionCode.nodeBusy,
  unsupported: completionCode.invalidDataField,
  invalidState: completionCode.notSupportedInPresentState,
  notFound: completionCode.notPresent,
  // D4h would blame the IPMI user; it is the vSphere account that lacks the privilege.
  denied: completionCode.subFunctionDisabled,
  timedOut: completionCode.timeout,
  badImage: completionCode.notSupportedInPresentState,
};
