/** `vbmc answer`: answers the question that blocks a VM. */
import { defined } from "../../base/defined.js";
import type { AnswerRequest } from "../../control/messages.js";
import type { AccountAnswer } from "../ipc/question.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { askAccount, routeOf } from "./configuredBmc.js";
import { OperationError } from "./operationError.js";

/** A look-up by name goes through the whole inventory, ms. */
const timeoutMs = 15_000;

export type QuestionAnswer = Pick<Extract<AccountAnswer, { readonly question: unknown }>, "question" | "answered">;

/** `vbmc answer NAME [CHOICE]`: the question that blocks a VM, and the choice that was taken. The BMC need not run. */
export async function answerQuestion(request: AnswerRequest, supervisor: Supervisor): Promise<QuestionAnswer> {
  const { vm_name: name, choice } = request;
  const route = routeOf(name, supervisor);
  const question = { name: "answer" as const, machine: route.machine, ...defined({ choice }) };
  const answer = await askAccount(supervisor, route, question, timeoutMs);
  if (!("question" in answer)) {
    throw new OperationError("the vCenter link returned an unexpected answer");
  }
  return answer;
}
