/** Parses numbers in options. */
import { InvalidArgumentError } from "commander";

import { pythonInteger } from "../settings/ini/pythonInteger.js";

/** Parses integers like Python, with its error message. */
export function toInteger(text: string): number {
  const value = pythonInteger(text);
  if (value === undefined) {
    throw new InvalidArgumentError(`invalid int value: '${text}'`);
  }
  return value;
}

export function toSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0 && seconds <= 86_400)) {
    throw new InvalidArgumentError(`expected a number of seconds, not '${text}'`);
  }
  return seconds;
}
