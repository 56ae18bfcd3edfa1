import type { AnswerRequest, ControlResponse } from "../../control/messages.js";
import { toRoute } from "../supervisor/desiredBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";

/** A look-up by name searches the whole inventory, ms. */
const boundMs = 15_000;

/**
 * `vbmc answer NAME [CHOICE]`: rows with the question and its choices, and the chosen one. The BMC need not be running.
 */
export async function answerQuestion(request: AnswerRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_name: name, choice } = request;
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    return { rc: 1, msg: [notFound(name, supervisor)] };
  }
  if ("fault" in entry) {
    return { rc: 1, msg: [`${name} cannot be read: ${entry.fault}`] };
  }
  const route = toRoute(entry.bmc, supervisor.store.folder(name), supervisor.config);
  if (!("key" in route)) {
    return { rc: 1, msg: [route.reason] };
  }
  const question = { name: "answer" as const, machine: route.machine, ...(choice === undefined ? {} : { choice }) };
  const answer = await supervisor.ask(route, question, boundMs);
  if (!answer.ok) {
    return { rc: 1, msg: [answer.message] };
  }
  if (!("question" in answer)) {
    return { rc: 1, msg: ["the vCenter link returned an unexpected answer"] };
  }
  const { question: asked, answered } = answer;
  const rows = [
    ["question", asked.text],
    ...asked.choices.map(({ key, label }) => [key, label]),
    ...(answered === undefined ? [] : [["answered", answered.key]]),
  ];
  return { rc: 0, header: ["Property", "Value"], rows };
}
