/** Reads and answers the question that blocks a VM, such as whether it was moved or copied. */
import { MachineError } from "../model/machine/errors.js";
import { choicesText } from "../model/machine/questionText.js";
import type { MachineQuestion, QuestionChoice } from "../model/machine/snapshot.js";
import { isFault } from "./faults.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

const path = "runtime.question";

/** VirtualMachineQuestionInfo; undefined for no question. */
export function decodeQuestion(value: unknown): MachineQuestion | undefined {
  const id = textOf(fieldOf(value, "id"));
  const text = textOf(fieldOf(value, "text"));
  if (id === undefined || text === undefined) {
    return undefined;
  }
  const choices = listOf(fieldOf(fieldOf(value, "choice"), "choiceInfo")).flatMap(decodeChoice);
  // The text begins with its message ID, as in `msg.uuid.altered:`.
  return { id, text: oneLine(text.replace(/^[\w.]+:(?=\S)/, "")), choices };
}

/** ElementDescription: either label or summary may be a message ID; `_` marks the key that selects it. */
function decodeChoice(value: unknown): QuestionChoice[] {
  const key = textOf(fieldOf(value, "key"));
  const texts = ["summary", "label"].flatMap((name) => textOf(fieldOf(value, name)) ?? []);
  const label = texts.find((text) => text !== "" && !text.startsWith("button.")) ?? texts[0] ?? "";
  return key === undefined ? [] : [{ key, label: oneLine(label.replace("_", "")) }];
}

/** The text comes from the VM's author: remove terminal control sequences. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}

/**
 * Answers the VM's current question; without a choice, only returns the question. Throws MachineError, VimFault or
 * VimTransportError.
 */
export async function answerMachine(
  session: VimSession,
  machine: MoRef,
  choice: string | undefined,
): Promise<{ readonly question: MachineQuestion; readonly answered?: QuestionChoice }> {
  const question = decodeQuestion((await readProperties(session, machine, [path])).get(path));
  if (!question) {
    throw new MachineError("invalidState", "the VM is not waiting for an answer");
  }
  if (choice === undefined) {
    return { question };
  }
  const answered = choose(question, choice);
  try {
    await session.call("AnswerVM", machine, { questionId: question.id, answerChoice: answered.key });
  } catch (error) {
    if (isFault(error, "InvalidArgument", "ConcurrentAccess")) {
      throw new MachineError("invalidState", "the question has been answered elsewhere in the meantime");
    }
    throw error;
  }
  return { question, answered };
}

function choose({ choices }: MachineQuestion, choice: string): QuestionChoice {
  const label = choice.toLowerCase();
  const found =
    choices.find(({ key }) => key === choice) ?? choices.find((candidate) => candidate.label.toLowerCase() === label);
  if (!found) {
    throw new MachineError("unsupported", `there is no choice '${choice}': give one of ${choicesText(choices)}`);
  }
  return found;
}
