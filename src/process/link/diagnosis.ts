/** Checks every step from the vCenter connection to a VM's power state, with a remedy for each failure. */
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { Diagnosis, QuestionedMachine } from "../ipc/question.js";
import { certificateStep, failedWay } from "./connectionSteps.js";
import { completed, stepOf } from "./diagnosisStep.js";
import { machineSteps } from "./machineSteps.js";
import { mediaStep } from "./mediaStep.js";
import { privilegesStep, readPrivileges } from "./privilegesStep.js";
import { findQuestioned, noneServed, type ServedReferences } from "./questionedVms.js";

/** All steps of each VM; steps after a failure are skipped. `connect` rejects with the reason. */
export async function diagnose(
  configuration: LinkConfiguration,
  machines: readonly QuestionedMachine[],
  connect: () => Promise<VimSession>,
  served: ServedReferences = noneServed,
): Promise<Diagnosis[]> {
  let session: VimSession;
  try {
    session = await connect();
  } catch (error) {
    const connection = failedWay(error, configuration);
    return machines.map(({ vmName }) => ({ vmName, steps: completed(connection) }));
  }
  const connection = [
    stepOf("vCenter", "ok", `${configuration.viserver} is ${session.content.fullName ?? "a vSphere server"}`),
    await certificateStep(configuration),
    stepOf("vCenter login", "ok", `logged in as ${configuration.username}`),
  ];
  const own = await machineDiagnoses(configuration, machines, session, served);
  return own.map(({ vmName, steps }) => ({ vmName, steps: completed([...connection, ...steps]) }));
}

async function machineDiagnoses(
  configuration: LinkConfiguration,
  machines: readonly QuestionedMachine[],
  session: VimSession,
  served: ServedReferences,
): Promise<Diagnosis[]> {
  const found = await findQuestioned(session, machines, configuration, served);
  const references = [...found.values()].flatMap(({ result }) => (result instanceof Error ? [] : [result]));
  const privileges = await readPrivileges(references, session);
  const diagnoses: Diagnosis[] = [];
  for (const machine of machines) {
    const { vmName } = machine;
    const { result, lookupResult } = found.get(vmName) ?? {};
    if (!result || result instanceof Error) {
      const detail = result?.message ?? "not found";
      diagnoses.push({ vmName, steps: [stepOf("virtual machine", "failed", detail)] });
    } else {
      const own = privilegesStep(privileges, result, configuration);
      const steps = await machineSteps(session, { machine, reference: result, lookupResult }, configuration);
      const media = await mediaStep(session, result, configuration);
      diagnoses.push({ vmName, steps: [...steps, own, media] });
    }
  }
  return diagnoses;
}
