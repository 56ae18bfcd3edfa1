/** What the SELs of the BMCs tell of a time whose events are not in memory: before the daemon was started, say. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { lastRecords } from "../sel/lastRecords.js";
import { recordText } from "../sel/recordText.js";
import { selJournalFile } from "../sel/selLine.js";
import type { RecordedEvent } from "./eventRing.js";
import { Turnstile } from "./turnstile.js";

const filesAtOnce = 16;
/** The newest entries of all these SELs together. */
const mostEvents = 1_000;

export interface SelPeriod {
  /** ms, neither of them included. */
  readonly after: number;
  readonly before: number;
}

/**
 * @param folders name of a BMC → its folder; one that has no SEL yet, or whose SEL cannot be read, tells nothing
 * @returns the oldest first
 */
export async function readSelEvents(
  folders: ReadonlyMap<string, string>,
  period: SelPeriod,
): Promise<readonly RecordedEvent[]> {
  const turnstile = new Turnstile(filesAtOnce);
  const events = [...folders].map(([name, folder]) => turnstile.run(() => readOne(name, folder, period)));
  return (await Promise.all(events))
    .flat()
    .sort((a, b) => a.at - b.at)
    .slice(-mostEvents);
}

async function readOne(name: string, folder: string, period: SelPeriod): Promise<RecordedEvent[]> {
  const text = await readFile(path.join(folder, selJournalFile), "latin1").catch(() => "");
  return lastRecords(text, { ...period, limit: mostEvents }).map(({ at, record }) => ({
    kind: "sel",
    name,
    text: recordText(record),
    at,
    times: 1,
  }));
}
