/** The newest records of a journal, read from its end, since it may contain thousands more than needed. */
import { payloadOf } from "./checkedLine.js";
import { decodeSelLine, type SelLine } from "./selLine.js";

export interface JournalRecord {
  /** Host time, ms; the record's own time if the journal has none. */
  readonly at: number;
  readonly record: Buffer;
}

/** Record types from E0h on have no time (IPMI 2.0 §32.3). */
const firstWithoutTime = 0xe0;

/**
 * @param text of the journal's file; damaged lines are skipped
 * @returns those with `after` < at < `before`, oldest first, at most `limit`
 */
export function lastRecords(
  text: string,
  { after, before, limit }: { readonly after: number; readonly before: number; readonly limit: number },
): JournalRecord[] {
  const found: JournalRecord[] = [];
  const deleted = new Set<number>();
  const lines = text.split("\n");
  for (let index = lines.length - 1; index >= 0 && found.length < limit; index--) {
    const line = readLine(lines[index] ?? "");
    if (line?.kind === "clear") {
      break;
    }
    if (line?.kind === "delete") {
      deleted.add(line.id);
    }
    // A deletion refers to the record that has the ID at that time; an older record may have had the same ID.
    if (line?.kind !== "add" || deleted.delete(line.record.readUInt16LE(0))) {
      continue;
    }
    const at = timeOf(line);
    if (at <= after) {
      break;
    }
    if (at < before) {
      found.push({ at, record: line.record });
    }
  }
  return found.reverse();
}

function readLine(text: string): SelLine | undefined {
  const payload = text === "" ? undefined : payloadOf(text);
  try {
    return payload === undefined ? undefined : decodeSelLine(payload);
  } catch {
    return undefined;
  }
}

function timeOf({ at, time, record }: Extract<SelLine, { kind: "add" }>): number {
  return at ?? (record.readUInt8(2) < firstWithoutTime ? record.readUInt32LE(3) : time) * 1_000;
}
