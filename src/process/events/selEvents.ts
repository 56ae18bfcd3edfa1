/** Reads the SELs for events that are not in memory, e.g. from before the daemon's start. */
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
const maxEvents = 1_000;
/** Bytes read from the end of each journal: more than twice what that many entries need. */
const maxBytes = 0x2_0000;

export interface SelPeriod {
  /** ms, both exclusive. */
  readonly after: number;
  readonly before: number;
}

/**
 * @param folders name of a BMC → its folder; those without a readable SEL are skipped
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
    // From further journals only entries newer than the oldest one found so far can be among the newest.
    const [oldest] = newest.length < maxEvents ? [] : newest;
    const period = { after: oldest?.at ?? after, before, limit: maxEvents };
    const found = lastRecords(text, period).map(({ at, record }): RecordedEvent => {
      return { kind: "sel", name, text: recordText(record), at, times: 1 };
    });
    if (found.length > 0) {
      newest = [...newest, ...found].sort((a, b) => a.at - b.at).slice(-maxEvents);
    }
  };
  await Promise.all([...folders].map((each) => limiter.run(() => take(each))));
  return newest;
}

/** The first line may be incomplete, which its checksum detects. */
async function readEnd(file: string): Promise<string> {
  // A pipe has no size; never wait for its writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(size, maxBytes)),
      position: Math.max(0, size - maxBytes),
    });
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
