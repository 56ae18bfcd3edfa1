/** How far one gets from here to the power state of VMs: each step looked at now, and what to do where it fails. */
import { accountSteps, type Diagnosis, type DiagnosisStep, type StepStatus } from "../machine/question.js";
import type { LinkConfiguration } from "../child/messages.js";
import type { MachineSnapshot } from "../machine/snapshot.js";
import { isFault, toMachineError } from "../vsphere/faults.js";
import { findMachines, type WantedMachine } from "../vsphere/inventory.js";
import { toSnapshot, watchedPaths } from "../vsphere/machineSnapshot.js";
import type { MoRef } from "../vsphere/moRef.js";
import { missingPrivileges, neededPrivileges } from "../vsphere/privileges.js";
import { readProperties } from "../vsphere/properties.js";
import type { VimSession } from "../vsphere/session.js";
import { VimFault, VimTransportError } from "../vsphere/vimErrors.js";
import { rememberedCertificate } from "./certificateMemory.js";
import { powerStateStep } from "./powerStateStep.js";

type StepName = DiagnosisStep["step"];

function stepOf(step: StepName, status: StepStatus, detail: string): DiagnosisStep {
  return { step, status, detail };
}

/** All steps of each VM; those behind a failure of the way are skipped. `connect` rejects with why it cannot. */
export async function diagnose(
  configuration: LinkConfiguration,
  machines: readonly WantedMachine[],
  connect: () => Promise<VimSession>,
): Promise<Diagnosis[]> {
  let session: VimSession;
  try {
    session = await connect();
  } catch (error) {
    const way = failedWay(error, configuration);
    return machines.map(({ vmName }) => ({ vmName, steps: completed(way) }));
  }
  const way = [
    stepOf("vCenter", "ok", `${configuration.viserver} is ${session.content.fullName ?? "a vSphere server"}`),
    await certificateStep(configuration),
    stepOf("vCenter login", "ok", `logged in as ${configuration.username}`),
  ];
  const own = await machineDiagnoses(configuration, machines, session);
  return own.map(({ vmName, steps }) => ({ vmName, steps: completed([...way, ...steps]) }));
}

/** The steps told, and behind them the others as skipped. */
function completed(told: readonly DiagnosisStep[]): readonly DiagnosisStep[] {
  const failed = told.find(({ status }) => status === "failed");
  const names = told.map(({ step }) => step);
  const others = accountSteps.filter((step) => !names.includes(step));
  const skipped = others.map((step) => stepOf(step, "skipped", `not looked at: ${failed?.step ?? "a step"} failed`));
  const inOrder = (step: DiagnosisStep): number => accountSteps.indexOf(step.step);
  return [...told, ...skipped].sort((a, b) => inOrder(a) - inOrder(b));
}

async function certificateStep({ viserver, tls }: LinkConfiguration): Promise<DiagnosisStep> {
  if (tls.insecure === true) {
    const remedy = "check it again with vbmc set NAME --no-viserver-insecure, or pin it with --viserver-thumbprint …";
    return stepOf("certificate", "warning", `any certificate of ${viserver} is taken (viserver_insecure): ${remedy}`);
  }
  if (tls.thumbprint !== undefined) {
    return stepOf("certificate", "ok", "it is the one that viserver_thumbprint pins");
  }
  const fingerprint = await rememberedCertificate(tls.trustFile);
  return stepOf("certificate", "ok", `trusted; SHA-256 ${fingerprint ?? "not remembered"}`);
}

/** The step at which the connection failed, and those before it. */
function failedWay(error: unknown, { viserver, username }: LinkConfiguration): DiagnosisStep[] {
  const reached = stepOf("vCenter", "ok", `${viserver} answers`);
  const trusted = stepOf("certificate", "ok", "trusted");
  const { message } = toMachineError(error);
  if (isFault(error, "InvalidLogin")) {
    const remedy = "correct them with vbmc set --viserver-username … --viserver-password …";
    const detail = `${viserver} refuses user name or password of ${username}: ${remedy}`;
    return [reached, trusted, stepOf("vCenter login", "failed", detail)];
  }
  if (error instanceof VimFault) {
    return [reached, trusted, stepOf("vCenter login", "failed", `${message}: see what ${viserver} logs of it`)];
  }
  if (error instanceof VimTransportError && error.problem === "certificate") {
    return [reached, stepOf("certificate", "failed", message)];
  }
  if (isUnreadableFile(error)) {
    const remedy = "give a readable PEM file with vbmc set --viserver-cafile …";
    return [stepOf("certificate", "failed", `${message}: ${remedy}`)];
  }
  return [stepOf("vCenter", "failed", `${message}: check the address, the network and whether the server runs`)];
}

function isUnreadableFile(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "open";
}

async function machineDiagnoses(
  configuration: LinkConfiguration,
  machines: readonly WantedMachine[],
  session: VimSession,
): Promise<Diagnosis[]> {
  const found = await findMachines(session, machines, configuration);
  const references = [...found.values()].filter((result): result is MoRef => !(result instanceof Error));
  const privileges = await privilegesOf(references, session);
  const diagnoses: Diagnosis[] = [];
  for (const machine of machines) {
    const { vmName } = machine;
    const reference = found.get(vmName);
    if (!reference || reference instanceof Error) {
      const detail = reference?.message ?? "it is not found";
      diagnoses.push({ vmName, steps: [stepOf("virtual machine", "failed", detail)] });
    } else {
      const own = privilegesStep(privileges, reference, configuration);
      diagnoses.push({ vmName, steps: [...(await stateSteps(session, machine, reference, configuration)), own] });
    }
  }
  return diagnoses;
}

async function stateSteps(
  session: VimSession,
  { vmName }: WantedMachine,
  reference: MoRef,
  { viserver, username }: LinkConfiguration,
): Promise<DiagnosisStep[]> {
  let snapshot: MachineSnapshot | undefined;
  try {
    snapshot = toSnapshot(await readProperties(session, reference, watchedPaths));
  } catch (error) {
    return [stepOf("virtual machine", "failed", toMachineError(error).message)];
  }
  const name = snapshot?.name ?? "name unknown";
  const identity = `${name}, ${reference.value}, instance UUID ${snapshot?.instanceUuid ?? "unknown"}`;
  const found = stepOf("virtual machine", "ok", identity);
  const remedy = `give ${username} a role with System.Read on the VM or a folder above`;
  return snapshot
    ? [found, powerStateStep(vmName, snapshot), toolsStep(snapshot)]
    : [found, stepOf("power state", "failed", `${viserver} does not tell it: ${remedy}`)];
}

type Privileges = ReadonlyMap<string, readonly string[]> | { readonly unknown: string };

async function privilegesOf(references: readonly MoRef[], session: VimSession): Promise<Privileges> {
  const unknown = "the server does not tell what the account may do";
  try {
    return references.length === 0 ? new Map() : ((await missingPrivileges(session, references)) ?? { unknown });
  } catch (error) {
    return { unknown: `${unknown} (${toMachineError(error).message})` };
  }
}

function privilegesStep(
  privileges: Privileges,
  { value }: MoRef,
  { username }: Pick<LinkConfiguration, "username">,
): DiagnosisStep {
  const missing = "unknown" in privileges ? privileges : privileges.get(value);
  if (!missing || "unknown" in missing) {
    return stepOf("privileges", "unknown", missing?.unknown ?? "the server tells nothing of this VM");
  }
  if (missing.length === 0) {
    return stepOf("privileges", "ok", `${username} may do all that a BMC does`);
  }
  const list = missing.map((id) => `${id} (${neededPrivileges[id] ?? ""})`).join(", ");
  return stepOf("privileges", "failed", `${username} lacks ${list}: add them to its role on the VM or a folder above`);
}

function toolsStep({ powerState, toolsRunning }: MachineSnapshot): DiagnosisStep {
  if (toolsRunning === true) {
    return stepOf("VMware Tools", "ok", "running");
  }
  return powerState === "poweredOn"
    ? stepOf("VMware Tools", "warning", "not running: a soft shutdown is refused until they are installed and run")
    : stepOf("VMware Tools", "ok", "not running, since the VM is not on");
}
