/** Numbers in options. */
import { InvalidArgumentError } from "commander";

/** As Python reads integers, and in its words. */
export function toInteger(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw new InvalidArgumentError(`invalid int value: '${text}'`);
  }
  return Number(text);
}

export function toSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0 && seconds <= 86_400)) {
    throw new InvalidArgumentError(`a number of seconds is expected, not '${text}'`);
  }
  return seconds;
}
