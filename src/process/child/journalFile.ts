/** A journal on disk: lines with a checksum each, which detects torn and damaged lines. */
import { createSerialQueue } from "../../base/async/serialQueue.js";
import { appendSynced } from "../../io/files/appendFile.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { StorageError } from "../../model/bmc/state/storage.js";
import { payloadOf, withChecksum } from "../../model/sel/checkedLine.js";
import type { Journal } from "../../model/sel/journal.js";
import { passOver } from "./storageFolder.js";
import type { StorageLog } from "./storageLog.js";

/** Many times the size of a full SEL, bytes. */
const maxJournalBytes = 64 * 1024 * 1024;

export interface JournalFile extends Journal {
  /** Resolves when all requests so far have finished, successfully or not. */
  readonly settled: () => Promise<void>;
}

/** `onDamage` gets the number of lines lost, not counting one at the end that a power failure has torn. */
export function openJournalFile(
  file: string,
  storageLog: StorageLog,
  onDamage: (lineCount: number) => void,
): JournalFile {
  const text = readOrPassOver(file, storageLog);
  // After the last newline there is nothing, or the beginning of an unfinished line.
  const lines = text.split("\n").slice(0, -1);
  const savedLines = lines.map(payloadOf).filter((payload) => payload !== undefined);
  if (savedLines.length < lines.length) {
    onDamage(lines.length - savedLines.length);
  }

  /** A line appended to a torn one would be lost with it: rewrite the file first. */
  let isWhole = savedLines.length === lines.length && (text === "" || text.endsWith("\n"));
  let pending: string[] = [];
  const queue = createSerialQueue();
  let appending: Promise<void> | undefined;

  function inTurn(step: () => Promise<void>): Promise<void> {
    return queue.run(() =>
      step().then(storageLog.succeeded, (error: unknown) => {
        isWhole = false;
        throw error instanceof StorageError ? error : storageLog.failed(error, file);
      }),
    );
  }

  async function appendPending(): Promise<void> {
    const added = pending;
    pending = [];
    appending = undefined;
    if (!isWhole) {
      throw new StorageError("damaged", `${file} ends in a torn line`);
    }
    await appendSynced(file, toText(added));
  }

  return {
    savedLines,
    settled: queue.settled,
    // Lines that arrive during a write share the next one.
    append: (line) => {
      pending.push(line);
      appending ??= inTurn(appendPending);
      return appending;
    },
    replace: (replacement) =>
      inTurn(async () => {
        await replaceFile(file, toText(replacement));
        isWhole = true;
      }),
  };
}

function readOrPassOver(file: string, storageLog: StorageLog): string {
  try {
    return readRegularFile(file, maxJournalBytes).toString();
  } catch (error) {
    passOver(file, error, storageLog);
    return "";
  }
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${withChecksum(line)}\n`).join("");
}
