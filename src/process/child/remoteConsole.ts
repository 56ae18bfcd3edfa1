/**
 * The console of one BMC in the console process: the supervisor provides its location, and its bytes are sent over a
 * Unix socket.
 */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import { type ConsoleStream, openConsoleStream } from "../../io/console/consoleStream.js";
import type { Console, ConsoleConnection, ConsoleListener, ConsoleUser } from "../../model/machine/console.js";
import type { ConsolePlace } from "./supervisorChannel.js";

export interface RemoteConsoleOptions {
  /** Rejects with one line if the console cannot be opened now. */
  readonly place: (user: ConsoleUser) => Promise<ConsolePlace>;
  readonly log: Log;
}

/** From connecting to the console process until its welcome, ms. */
const welcomeBoundMs = 3_000;
/** Delay between two attempts to connect, ms: grows from the first to the second. */
const firstRetryMs = 200;
const longestRetryMs = 5_000;

export function createRemoteConsole(options: RemoteConsoleOptions): Console {
  return { open: (user, listener) => connection(user, listener, options) };
}

function connection(user: ConsoleUser, listener: ConsoleListener, options: RemoteConsoleOptions): ConsoleConnection {
  const { place, log } = options;
  let stream: ConsoleStream | undefined;
  let isClosed = false;
  let isPaused = false;
  /** Whether this client has been the writer before: a reconnect must not take over from another client. */
  let hasTaken = false;
  let retryMs = firstRetryMs;
  let loggedFault: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));

  function lost(fault: string): void {
    stream = undefined;
    if (isClosed) {
      return;
    }
    listener.onStatus(false);
    if (fault !== loggedFault) {
      loggedFault = fault;
      log("warn", "the console is not available; trying again", { reason: fault });
    }
    retry = setTimeout(() => void connect(), retryMs);
    retryMs = Math.min(2 * retryMs, longestRetryMs);
  }

  async function connect(): Promise<void> {
    await attempt();
    settle();
  }

  async function attempt(): Promise<void> {
    try {
      const { socketPath, key } = await place(user);
      if (isClosed) {
        return;
      }
      const opened = await openConsoleStream({
        socketPath,
        key,
        boundMs: welcomeBoundMs,
        listener: {
          onData: (bytes) => !isClosed && listener.onData(bytes),
          onStatus: ({ connected }) => !isClosed && listener.onStatus(connected),
          onOverrun: (skipped) => !isClosed && listener.onOverrun(skipped),
          onDrain: () => !isClosed && listener.onDrain(),
          onEnd: ({ message }) => lost(message),
        },
      });
      use(opened);
    } catch (error) {
      lost(reasonOf(error));
    }
  }

  function use(opened: ConsoleStream): void {
    if (isClosed) {
      opened.close();
      return;
    }
    stream = opened;
    retryMs = firstRetryMs;
    loggedFault = undefined;
    if (!hasTaken) {
      hasTaken = true;
      opened.take();
    }
    if (isPaused) {
      opened.pause();
    }
  }

  void connect();
  return {
    settled,
    // Without a stream the console is disconnected: input is lost then, as on any serial port.
    write: (bytes) => stream?.write(bytes) ?? true,
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
