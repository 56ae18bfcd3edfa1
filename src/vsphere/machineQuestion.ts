/** The question that a VM waits with, such as whether it was moved or copied, and its answer. */
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
  // In front stands the name of the text, as in `msg.uuid.altered:`.
  return { id, text: oneLine(text.replace(/^[\w.]+:(?=\S)/, "")), choices };
}

/** ElementDescription: of label and summary, either may be the name of a text; `_` marks the key that selects it. */
function decodeChoice(value: unknown): QuestionChoice[] {
  const key = textOf(fieldOf(value, "key"));
  const texts = ["summary", "label"].flatMap((name) => textOf(fieldOf(value, name)) ?? []);
  const label = texts.find((text) => text !== "" && !text.startsWith("button.")) ?? texts[0] ?? "";
  return key === undefined ? [] : [{ key, label: oneLine(label.replace("_", "")) }];
}

/** It comes from whoever made the VM: none of it commands the terminal of who reads it. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}

/**
 * Answers what the VM asks now; without a choice the question is only told. Throws MachineError, VimFault or
 * VimTransportError.
 */
export async function answerMachine(
  session: VimSession,
  machine: MoRef,
  choice: string | undefined,
): Promise<{ readonly question: MachineQuestion; readonly answered?: QuestionChoice }> {
  const question = decodeQuestion((await readProperties(session, machine, [path])).get(path));
  if (!question) {
    throw new MachineError("invalidState", "the VM waits for no answer");
  }
  if (choice === undefined) {
    return { question };
  }
  const answered = choose(question, choice);
  try {
    await session.call("AnswerVM", machine, { questionId: question.id, answerChoice: answered.key });
  } catch (error) {
    if (isFault(error, "InvalidArgument", "ConcurrentAccess")) {
      throw new MachineError("invalidState", "somebody else has answered the question meanwhile");
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
