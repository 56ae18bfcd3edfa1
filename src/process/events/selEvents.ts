/** What the SELs of the BMCs tell of a time whose events are not in memory: before the daemon was started, say. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";

import { createLimiter } from "../../base/async/limiter.js";
import { lastRecords } from "../../model/sel/lastRecords.js";
import { recordText } from "../../model/sel/recordText.js";
import { selJournalFile } from "../../model/sel/selLine.js";
import type { RecordedEvent } from "./eventBuffer.js";

const filesAtOnce = 8;
/** The newest entries of all these SELs together. */
const mostEvents = 1_000;
/** What is read of the end of each journal, bytes: more than twice the lines that so many entries take. */
const mostBytes = 0x2_0000;

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
  { after, before }: SelPeriod,
): Promise<readonly RecordedEvent[]> {
  const limiter = createLimiter(filesAtOnce);
  let newest: RecordedEvent[] = [];
  const take = async ([name, folder]: readonly [string, string]): Promise<void> => {
    const text = await readEnd(path.join(folder, selJournalFile)).catch(() => "");
    // Of further journals only what is newer than the oldest of those found so far can be among the newest.
    const [oldest] = newest.length < mostEvents ? [] : newest;
    const period = { after: oldest?.at ?? after, before, limit: mostEvents };
    const found = lastRecords(text, period).map(({ at, record }): RecordedEvent => {
      return { kind: "sel", name, text: recordText(record), at, times: 1 };
    });
    if (found.length > 0) {
      newest = [...newest, ...found].sort((a, b) => a.at - b.at).slice(-mostEvents);
    }
  };
  await Promise.all([...folders].map((each) => limiter.run(() => take(each))));
  return newest;
}

/** Its first line may be torn, which its checksum tells. */
async function readEnd(file: string): Promise<string> {
  // What is a pipe by mistake has no size, and nobody waits for it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(size, mostBytes)),
      position: Math.max(0, size - mostBytes),
    });
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
