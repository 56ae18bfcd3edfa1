/**
 * Where log lines go, in such a way that nobody waits for it: a pipe that nobody reads, a terminal that is stopped, a full
 * disk. What cannot be written now waits in memory up to a bound; beyond it lines are lost, and counted.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { ensureFolder } from "./ensureFolder.js";
import { fileFault } from "./errno.js";

export interface LineSink {
  /** Never throws. */
  readonly write: (line: string) => void;
  /** Opens the file anew, as after it was moved away. Returns why it cannot be, one line; the old one is kept then. */
  readonly reopen: () => string | undefined;
  /** Writes what waits as far as that can be done at once. */
  readonly flush: () => void;
  /** How many lines are lost since this was asked last. */
  readonly takeLost: () => number;
}

const mostWaitingBytes = 1024 * 1024;
const retryAfterMs = 100;
const stderr = 2;

/**
 * @param file absolute, made with mode 0600 and its folder; undefined: stderr
 * @throws file system errors when it cannot be opened
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
      // No room, no reader any more, a terminal that has gone: the daemon goes on.
      lost += countLines(waiting);
      waiting = Buffer.alloc(0);
    }
  }

  return {
    write: (line) => {
      const bytes = Buffer.from(line);
      if (waiting.length + bytes.length > mostWaitingBytes) {
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
        return `cannot reopen the log file:  ${fileFault(error)}`;
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
      if (stream.writableLength > mostWaitingBytes) {
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
    // A pipe that nobody reads yet: held open for reading as well, it takes lines until it is full.
    if (isErrno(error, "ENXIO")) {
      return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    }
    throw error;
  }
}

/** Others share what stderr is, and must not find it changed: it is opened once more, where that can be done. */
function openStderr(): number {
  const stats = fstatSync(stderr);
  try {
    if (stats.isFIFO() || stats.isCharacterDevice()) {
      return openSync(`/proc/self/fd/${stderr}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    }
  } catch {
    // There is no /proc, or it belongs to another user.
  }
  return stderr;
}

function countLines(bytes: Buffer): number {
  return bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
}
