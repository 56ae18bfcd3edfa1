/** Answers the question of one VM, which is looked up first and need not have a running BMC. */
import { answerMachine } from "../../vsphere/machineQuestion.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { QuestionedMachine } from "../ipc/question.js";
import { findQuestioned, type ServedReferences } from "./questionedVms.js";

/** Throws MachineError, VimFault or VimTransportError. */
export async function answerFoundMachine(
  session: VimSession,
  configuration: LinkConfiguration,
  machine: QuestionedMachine,
  choice: string | undefined,
  served: ServedReferences,
): ReturnType<typeof answerMachine> {
  const found = (await findQuestioned(session, [machine], configuration, served)).get(machine.vmName)?.result;
  if (!found || found instanceof Error) {
    throw found ?? new Error(`the VM of ${machine.vmName} is not found`);
  }
  return answerMachine(session, found, choice);
}
