/** The steps of a diagnosis for one VM that was found: the VM itself, its power state, VMware Tools. */
import { MachineError } from "../../model/machine/errors.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import { connectionProblem } from "../../vsphere/connectionStates.js";
import { toMachineError } from "../../vsphere/faults.js";
import { toUpdate, watchedPaths } from "../../vsphere/machineSnapshot.js";
import type { MoRef } from "../../vsphere/moRef.js";
import { type Properties, readProperties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { textOf } from "../../vsphere/soapValue.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { DiagnosisStep, QuestionedMachine } from "../ipc/question.js";
import { stepOf } from "./diagnosisStep.js";
import { powerStateStep } from "./powerStateStep.js";

export interface ExaminedVm {
  readonly machine: QuestionedMachine;
  readonly reference: MoRef;
  /** What a look-up would find instead of it. */
  readonly lookupResult: MoRef | MachineError | undefined;
}

export async function machineSteps(
  session: VimSession,
  { machine, reference, lookupResult }: ExaminedVm,
  configuration: LinkConfiguration,
): Promise<DiagnosisStep[]> {
  let properties: Properties;
  try {
    properties = await readProperties(session, reference, watchedPaths);
  } catch (error) {
    return [stepOf("virtual machine", "failed", toMachineError(error).message)];
  }
  const name = textOf(properties.get("name")) ?? "name unknown";
  const instanceUuid = textOf(properties.get("config.instanceUuid"))?.toLowerCase() ?? "unknown";
  const which = `${name}, ${reference.value}, instance UUID ${instanceUuid}`;
  const found =
    lookupResult === undefined
      ? stepOf("virtual machine", "ok", which)
      : stepOf("virtual machine", "warning", `${which}; ${otherAfterRestart(machine, lookupResult, instanceUuid)}`);
  const update = toUpdate(properties);
  return update instanceof MachineError
    ? [found, stepOf("power state", "failed", unknownPowerState(update, properties, configuration))]
    : [found, powerStateStep(machine.vmName, update), toolsStep(update)];
}

function otherAfterRestart(
  { vmName, machineName = vmName, vmUuid }: QuestionedMachine,
  lookupResult: MoRef | MachineError,
  instanceUuid: string,
): string {
  const by = vmUuid === undefined ? `by the name ${machineName}` : `by the UUID ${vmUuid}`;
  const found =
    lookupResult instanceof MachineError ? `fails (${lookupResult.message})` : `finds ${lookupResult.value}`;
  const remedy = vmUuid === undefined ? `; to keep this VM: vbmc set ${vmName} --vm-uuid ${instanceUuid}` : "";
  return `the BMC drives this VM until it is restarted, but a look-up ${by} ${found}${remedy}`;
}

/** More privileges do not help for a VM that vCenter itself has lost. */
function unknownPowerState(
  { kind, message }: MachineError,
  properties: Properties,
  { viserver, username }: LinkConfiguration,
): string {
  if (kind === "denied" || connectionProblem(textOf(properties.get("runtime.connectionState"))) !== undefined) {
    return message;
  }
  return `${viserver} does not report it: give ${username} a role with System.Read on the VM or a folder above`;
}

function toolsStep({ powerState, toolsRunning }: MachineSnapshot): DiagnosisStep {
  if (toolsRunning === true) {
    return stepOf("VMware Tools", "ok", "running");
  }
  return powerState === "poweredOn"
    ? stepOf("VMware Tools", "warning", "not running: a soft shutdown is refused until they are installed and running")
    : stepOf("VMware Tools", "ok", "not running, since the VM is not on");
}
