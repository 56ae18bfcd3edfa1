/** YAML 1.1 as PyYAML writes it: sorted keys, ASCII only, single quotes where there must be some. */
import { Document, Scalar, stringify, visit } from "yaml";

import { byCodePoints, type Table } from "./table.js";

const version = "1.1";

export function renderYaml({ header, rows }: Table): string {
  const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? null])));
  const document = new Document(objects, {
    version,
    sortMapEntries: (a, b) => byCodePoints(String(a.key), String(b.key)),
  });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string") {
        scalar.type = styleOf(scalar.value);
      }
    },
  });
  return toAscii(document.toString({ lineWidth: 0 }));
}

function styleOf(text: string): Scalar.Type {
  if (/[^\x20-\x7e]/.test(text)) {
    return Scalar.QUOTE_DOUBLE;
  }
  // PyYAML rejects a plain `=`.
  const isPlain = text !== "=" && stringify(text, { version, lineWidth: 0 }) === `${text}\n`;
  return isPlain ? Scalar.PLAIN : Scalar.QUOTE_SINGLE;
}

/** Other characters need double quotes. */
function toAscii(text: string): string {
  return text.replace(/[^\x00-\x7e]/gu, (character) => {
    const digits = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    if (digits.length <= 2) {
      return `\\x${digits}`;
    }
    return digits.length <= 4 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
  });
}
