/** A machine's question as text. */
import type { MachineQuestion } from "./snapshot.js";

/** One line: the question, followed by its choices. */
export function questionText({ text, choices }: MachineQuestion): string {
  return `${text} (${choicesText(choices)})`;
}

/** Such as `0 = Cancel, 1 = I Moved It`. */
export function choicesText(choices: MachineQuestion["choices"]): string {
  return choices.map(({ key, label }) => `${key} = ${label}`).join(", ");
}
