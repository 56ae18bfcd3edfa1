/** A console from the first connection to `~.`: connects again by itself when it is lost. */
import { setTimeout as wait } from "node:timers/promises";

import { reasonOf } from "../../base/errors.js";
import { type ConsoleStream, type ConsoleStreamEnd, openConsoleStream } from "../../io/console/consoleStream.js";
import { wasWriterBefore } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus } from "../../io/console/messages.js";

export interface ConsolePlace {
  readonly socketPath: string;
  readonly key: string;
}

export interface ConsoleSessionOptions {
  /** Asks the daemon. @param replayBytes of earlier output */
  readonly place: (replayBytes: number) => Promise<ConsolePlace>;
  /** At first; after a loss all that there is. */
  readonly replayBytes: number;
  readonly onData: (bytes: Buffer) => void;
  readonly onStatus: (status: ConsoleStatus) => void;
  /** There is room for more input. */
  readonly onDrain: () => void;
  /** For people. */
  readonly onNotice: (text: string) => void;
}

export interface ConsoleSession {
  readonly write: (bytes: Buffer) => boolean;
  readonly sendBreak: () => void;
  readonly take: () => void;
  readonly release: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
  /** Rejects when there is no console to come back. */
  readonly ended: Promise<never>;
}

const welcomeTimeoutMs = 5_000;
const retryMs = 1_000;
/** A BMC that is restarted, or a daemon, is back by then, ms. */
const giveUpAfterMs = 60_000;
const allReplayBytes = 1_048_576;

/** Rejects when it cannot be opened at first. */
export async function openConsoleSession(options: ConsoleSessionOptions): Promise<ConsoleSession> {
  const { place, onData, onStatus, onDrain, onNotice } = options;
  let stream: ConsoleStream | undefined;
  let isClosed = false;
  let isPaused = false;
  let status: ConsoleStatus | undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => (giveUp = reject));
  ended.catch(() => undefined);

  async function connect(replayBytes: number): Promise<void> {
    const before = status;
    const { socketPath, key } = await place(replayBytes);
    const opened = await openConsoleStream({
      socketPath,
      key,
      timeoutMs: welcomeTimeoutMs,
      listener: {
        onData,
        onStatus: (next) => {
          status = next;
          onStatus(next);
        },
        onOverrun: (skipped) => onNotice(`${skipped} bytes were skipped: this terminal is too slow`),
        onDrain,
        onEnd: (end) => void lost(end),
      },
    });
    stream = opened;
    if (status !== undefined && wasWriterBefore(before, status)) {
      opened.take();
    }
    if (isPaused) {
      opened.pause();
    }
    if (isClosed) {
      opened.close();
    }
  }

  async function lost({ message }: ConsoleStreamEnd): Promise<void> {
    stream = undefined;
    onNotice(`${message}; trying again`);
    // No input is accepted now: callers that wait for room may continue.
    onDrain();
    const end = Date.now() + giveUpAfterMs;
    while (!isClosed) {
      await wait(retryMs);
      try {
        await connect(allReplayBytes);
        onNotice("the console is back");
        return;
      } catch (error) {
        if (Date.now() > end) {
          giveUp(new Error(reasonOf(error)));
          return;
        }
      }
    }
  }

  await connect(options.replayBytes);
  return {
    write: (bytes) => stream?.write(bytes) ?? true,
    sendBreak: () => stream?.sendBreak(),
    take: () => stream?.take(),
    release: () => stream?.release(),
    pause: () => {
      isPaused = true;
      stream?.pause();
    },
    resume: () => {
      isPaused = false;
      stream?.resume();
    },
    close: () => {
      isClosed = true;
      stream?.close();
    },
    ended,
  };
}
