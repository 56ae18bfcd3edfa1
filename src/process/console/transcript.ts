/** The output of a VM in a file, mode 0600: `NAME.log`, and the one before it `NAME.log.1`. */
import { constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import path from "node:path";

import { createSerialQueue } from "../../base/async/serialQueue.js";
import type { Log } from "../../base/log.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { fileFault } from "../../io/files/errno.js";
import { checkRegular } from "../../io/files/regularFile.js";

/** A disk that is slower than the VM loses some of it, bytes. */
const maxWaitingBytes = 1_048_576;
/** After a fault, ms. */
const againAfterMs = 10_000;

/** Not through a symbolic link, and without waiting for the reader of a pipe. */
const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

export interface Transcript {
  readonly write: (bytes: Buffer) => void;
  /** Resolves when everything is written. */
  readonly close: () => Promise<void>;
}

export interface TranscriptOptions {
  /** Created if missing, mode 0700. */
  readonly directory: string;
  readonly vmName: string;
  /** Of one file; there are two. */
  readonly maxBytes: number;
  readonly log: Log;
}

export function createTranscript({ directory, vmName, maxBytes, log }: TranscriptOptions): Transcript {
  const file = path.join(directory, `${vmName}.log`);
  const queue = createSerialQueue();
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let handle: FileHandle | undefined;
  let size = 0;
  let triedAt = -Infinity;
  let lastFault: string | undefined;

  async function openFile(): Promise<FileHandle> {
    ensureFolder(directory);
    const opened = await open(file, flags, 0o600);
    const stats = await opened.stat();
    checkRegular(stats);
    size = stats.size;
    return opened;
  }

  async function rotate(): Promise<void> {
    await handle?.close();
    handle = undefined;
    await rename(file, `${file}.1`);
  }

  async function writeWaiting(): Promise<void> {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    if (bytes.length === 0 || Date.now() - triedAt < againAfterMs) {
      return;
    }
    try {
      handle ??= await openFile();
      if (size > 0 && size + bytes.length > maxBytes) {
        await rotate();
        handle = await openFile();
      }
      await handle.writeFile(bytes);
      size += bytes.length;
      lastFault = undefined;
    } catch (error) {
      triedAt = Date.now();
      await handle?.close().catch(() => undefined);
      handle = undefined;
      tell(fileFault(error));
    }
  }

  function tell(reason: string): void {
    if (reason !== lastFault) {
      lastFault = reason;
      log("warn", "the console's output cannot be written to its file: some of it will be missing", {
        vm: vmName,
        file,
        reason,
      });
    }
  }

  return {
    write: (bytes) => {
      if (waitingBytes + bytes.length > maxWaitingBytes) {
        tell("the disk is slower than the VM");
        return;
      }
      waiting.push(Buffer.from(bytes));
      waitingBytes += bytes.length;
      if (waiting.length === 1) {
        void queue.run(writeWaiting);
      }
    },
    close: async () => {
      await queue.run(writeWaiting);
      await handle?.close().catch(() => undefined);
    },
  };
}
