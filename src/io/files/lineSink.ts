/**
 * Writes log lines without ever blocking the process: on an unread pipe, a stopped terminal, a full disk. Lines that
 * cannot be written now are buffered up to a limit; beyond it they are dropped and counted.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { ensureFolder } from "./ensureFolder.js";
import { fileFault } from "./errno.js";

export interface LineSink {
  /** Never throws. */
  readonly write: (line: string) => void;
  /** Reopens the file, for log rotation. On failure returns the reason, one line, and keeps the old one. */
  readonly reopen: () => string | undefined;
  /** Writes buffered lines as far as possible without blocking. */
  readonly flush: () => void;
  /** How many lines were lost since the last call. */
  readonly takeLost: () => number;
}

const maxWaitingBytes = 1024 * 1024;
const retryAfterMs = 100;
const stderr = 2;

/**
 * @param file absolute path, created with mode 0600 and its folder; undefined: stderr
 * @throws file system errors if it cannot be opened
 */
export function openLineSink(file: string | undefined): LineSink {
  if (file !== undefined) {
    return sinkTo(openForLines(file), () => openForLines(file));
  }
  return fstatSync(stderr).isSocket() ? sinkToStream(process.stderr) : sinkTo(openStderr());
}

function sinkTo(opened: number, openAnew?: () => number): LineSink {
  let descriptor = opened;
  let waiting = Buffer.alloc(0);
  let lost = 0;
  let retry: NodeJS.Timeout | undefined;

  function drain(): void {
    clearTimeout(retry);
    retry = undefined;
    try {
      while (waiting.length > 0) {
        waiting = waiting.subarray(writeSync(descriptor, waiting));
      }
    } catch (error) {
      if (isErrno(error, "EAGAIN")) {
        retry = setTimeout(drain, retryAfterMs).unref();
        return;
      }
      // Disk full, no reader, or the terminal has gone: the daemon continues.
      lost += countLines(waiting);
      waiting = Buffer.alloc(0);
    }
  }

  return {
    write: (line) => {
      const bytes = Buffer.from(line);
      if (waiting.length + bytes.length > maxWaitingBytes) {
        lost++;
        return;
      }
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
      if (retry === undefined) {
        drain();
      }
    },
    reopen: () => {
      if (openAnew === undefined) {
        return undefined;
      }
      drain();
      try {
        const next = openAnew();
        closeSync(descriptor);
        descriptor = next;
        return undefined;
      } catch (error) {
        return `cannot reopen the log file: ${fileFault(error)}`;
      }
    },
    flush: drain,
    takeLost: () => {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}

/** A socket, as systemd gives it: Node writes to it without waiting. */
function sinkToStream(stream: NodeJS.WriteStream): LineSink {
  let lost = 0;
  stream.on("error", () => lost++);
  return {
    write: (line) => {
      if (stream.writableLength > maxWaitingBytes) {
        lost++;
      } else {
        stream.write(line);
      }
    },
    reopen: () => undefined,
    flush: () => undefined,
    takeLost: () => {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}

const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

function openForLines(file: string): number {
  ensureFolder(path.dirname(file));
  try {
    return openSync(file, appending, 0o600);
  } catch (error) {
    // A pipe without a reader: opened for reading as well, it accepts lines until it is full.
    if (isErrno(error, "ENXIO")) {
      return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    }
    throw error;
  }
}

/** Other processes share stderr, and its flags must not change: reopens it if possible. */
function openStderr(): number {
  const stats = fstatSync(stderr);
  try {
    if (stats.isFIFO() || stats.isCharacterDevice()) {
      return openSync(`/proc/self/fd/${stderr}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    }
  } catch {
    // /proc is missing, or stderr belongs to another user.
  }
  return stderr;
}

function countLines(bytes: Buffer): number {
  return bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
}
