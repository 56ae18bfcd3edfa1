/** Python's int(), which is how the original reads numbers: `6230`, `+6230`, ` 6_230 `, `６２３０`. */
import { strip } from "./dialect.js";

const integer = /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u;
const digit = /\p{Nd}/u;

/** undefined for text that int() rejects. */
export function pythonInteger(text: string): number | undefined {
  const stripped = strip(text);
  if (!integer.test(stripped)) {
    return undefined;
  }
  return Number(stripped.replaceAll("_", "").replace(/\p{Nd}/gu, asciiDigit));
}

/** Unicode's decimal digits are in runs of ten, from zero to nine. */
function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let earlier = 0;
  while (digit.test(String.fromCodePoint(code - earlier - 1))) {
    earlier++;
  }
  return String(earlier % 10);
}
