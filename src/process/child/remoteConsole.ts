/**
 * The console of one BMC in the console process: the supervisor provides its location, and its bytes are sent over a
 * Unix socket.
 */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import { type ConsoleStream, openConsoleStream } from "../../io/console/consoleStream.js";
import { wasWriterBefore } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus } from "../../io/console/messages.js";
import type { Console, ConsoleConnection, ConsoleListener, ConsoleUser } from "../../model/machine/console.js";
import type { ConsolePlace } from "./supervisorChannel.js";
import { createWriterNotices } from "./writerNotices.js";

export interface RemoteConsoleOptions {
  /** Rejects with one line if the console cannot be opened now. */
  readonly place: (user: ConsoleUser) => Promise<ConsolePlace>;
  readonly log: Log;
}

/** From connecting to the console process until its welcome, ms. */
const welcomeTimeoutMs = 3_000;
/** Delay between two attempts to connect, ms: grows from the first to the second. */
const firstRetryMs = 200;
const maxRetryMs = 5_000;

export function createRemoteConsole(options: RemoteConsoleOptions): Console {
  return { open: (user, listener) => connection(user, listener, options) };
}

function connection(user: ConsoleUser, listener: ConsoleListener, options: RemoteConsoleOptions): ConsoleConnection {
  const { place, log } = options;
  let stream: ConsoleStream | undefined;
  let isClosed = false;
  let isPaused = false;
  /** On the last stream: a reconnect must not take over from one who has taken the console, or came meanwhile. */
  let lastStatus: ConsoleStatus | undefined;
  /** It has asked to be the writer. */
  let isTaking = false;
  const notices = createWriterNotices(listener.onNotice, Date.now);
  let retryMs = firstRetryMs;
  let loggedFault: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));

  function lost(fault: string): void {
    stream = undefined;
    isTaking = false;
    if (isClosed) {
      return;
    }
    listener.onStatus(false);
    if (fault !== loggedFault) {
      loggedFault = fault;
      log("warn", "the console is not available; trying again", { reason: fault });
    }
    retry = setTimeout(() => void connect(), retryMs);
    retryMs = Math.min(2 * retryMs, maxRetryMs);
  }

  async function connect(): Promise<void> {
    await attempt();
    settle();
  }

  async function attempt(): Promise<void> {
    const before = lastStatus;
    try {
      const { socketPath, key } = await place(user);
      if (isClosed) {
        return;
      }
      const opened = await openConsoleStream({
        socketPath,
        key,
        timeoutMs: welcomeTimeoutMs,
        listener: {
          onData: (bytes) => !isClosed && listener.onData(bytes),
          onStatus: (status) => !isClosed && changed(status),
          onOverrun: (skipped) => !isClosed && listener.onOverrun(skipped),
          onDrain: () => !isClosed && listener.onDrain(),
          onEnd: ({ message }) => lost(message),
        },
      });
      use(opened, before);
    } catch (error) {
      lost(reasonOf(error));
    }
  }

  function changed(status: ConsoleStatus): void {
    lastStatus = status;
    isTaking &&= !status.isWriter;
    listener.onStatus(status.connected);
    tellWriter();
  }

  /** Not of what a `take` that is under way changes. */
  function tellWriter(): void {
    if (stream !== undefined && lastStatus !== undefined && !isTaking) {
      notices.changed(lastStatus);
    }
  }

  function use(opened: ConsoleStream, before: ConsoleStatus | undefined): void {
    if (isClosed) {
      opened.close();
      return;
    }
    stream = opened;
    retryMs = firstRetryMs;
    loggedFault = undefined;
    if (before === undefined || (lastStatus !== undefined && wasWriterBefore(before, lastStatus))) {
      isTaking = true;
      opened.take();
    }
    tellWriter();
    if (isPaused) {
      opened.pause();
    }
  }

  void connect();
  return {
    settled,
    // Without a stream the console is disconnected: input is lost then, as on any serial port.
    write: (bytes) => {
      if (stream !== undefined && !isTaking) {
        notices.typed(bytes);
      }
      return stream?.write(bytes) ?? true;
    },
    sendBreak: () => stream?.sendBreak(),
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
      settle();
      clearTimeout(retry);
      stream?.close();
    },
  };
}
