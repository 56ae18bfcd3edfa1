/** What a client is told when the machine did not do what it was asked: one completion code per kind. */
import type { MachineErrorKind } from "../../model/machine/errors.js";
import { completionCode } from "./completionCode.js";

export const machineErrorCodes: Readonly<Record<MachineErrorKind, number>> = {
  busy: completionCode.nodeBusy,
  // Ironic and DPM ask again after "node busy": a vCenter that is away comes back.
  unavailable: completionCode.nodeBusy,
  unsupported: completionCode.invalidDataField,
  invalidState: completionCode.notSupportedInPresentState,
  notFound: completionCode.notPresent,
  // D4h would blame the IPMI user; it is the vSphere account that lacks the right.
  denied: completionCode.subFunctionDisabled,
  timedOut: completionCode.timeout,
};
