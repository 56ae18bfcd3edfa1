/** Checks every step from the vCenter connection to a VM's power state, with a remedy for each failure. */
import type { Diagnosis } from "../../model/machine/question.js";
import { findMachines, type WantedMachine } from "../../vsphere/inventory.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import { completed, stepOf } from "./diagnosisStep.js";
import { machineSteps } from "./machineSteps.js";
import { privilegesStep, readPrivileges } from "./privilegesStep.js";
import { certificateStep, failedWay } from "./waySteps.js";

/** All steps of each VM; steps after a failure are skipped. `connect` rejects with the reason. */
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

async function machineDiagnoses(
  configuration: LinkConfiguration,
  machines: readonly WantedMachine[],
  session: VimSession,
): Promise<Diagnosis[]> {
  const found = await findMachines(session, machines, configuration);
  const references = [...found.values()].filter((result): result is MoRef => !(result instanceof Error));
  const privileges = await readPrivileges(references, session);
  const diagnoses: Diagnosis[] = [];
  for (const machine of machines) {
    const { vmName } = machine;
    const reference = found.get(vmName);
    if (!reference || reference instanceof Error) {
      const detail = reference?.message ?? "not found";
      diagnoses.push({ vmName, steps: [stepOf("virtual machine", "failed", detail)] });
    } else {
      const own = privilegesStep(privileges, reference, configuration);
      diagnoses.push({ vmName, steps: [...(await machineSteps(session, machine, reference, configuration)), own] });
    }
  }
  return diagnoses;
}
