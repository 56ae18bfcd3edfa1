/** The reply to `vbmc answer`. */
import type { ControlResponse } from "../../control/messages.js";
import type { QuestionAnswer } from "../operations/answer.js";
import { properties } from "./properties.js";

/** Rows of the question and its choices, and of the one taken. */
export function renderAnswer({ question, answered }: QuestionAnswer): ControlResponse {
  return properties([
    ["question", question.text],
    ...question.choices.map(({ key, label }): [string, string] => [key, label]),
    ["answered", answered?.key],
  ]);
}
