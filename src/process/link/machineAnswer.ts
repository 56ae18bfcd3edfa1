/** Answers the question of one VM, which is looked up first and need not have a running BMC. */
import { findMachines, type WantedMachine } from "../../vsphere/inventory.js";
import { answerMachine } from "../../vsphere/machineQuestion.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";

/** Throws MachineError, VimFault or VimTransportError. */
export async function answerFoundMachine(
  session: VimSession,
  configuration: LinkConfiguration,
  machine: WantedMachine,
  choice: string | undefined,
): ReturnType<typeof answerMachine> {
  const found = (await findMachines(session, [machine], configuration)).get(machine.vmName);
  if (!found || found instanceof Error) {
    throw found ?? new Error(`the VM of ${machine.vmName} is not found`);
  }
  return answerMachine(session, found, choice);
}
