/** The client's end of a console's stream: connects to the console process, and passes bytes with back-pressure both ways. */
import { connect, type Socket } from "node:net";

import { errorCode, reasonOf } from "../../base/errors.js";
import { createFrameDecoder, encodeFrame, encodeProgress, type Frame, progressBytes } from "./frames.js";
import {
  type ConsoleEnd,
  consoleEnd,
  consoleHello,
  type ConsoleStatus,
  consoleStatus,
  decodeMessage,
  encodeMessage,
} from "./messages.js";
import { createTypedInput, type TypedInput } from "./typedInput.js";

/** Called from the moment the stream is open; none is called after `end`. */
export interface ConsoleListener {
  /** Bytes of the VM. They are valid only during the call. */
  readonly onData: (bytes: Buffer) => void;
  /** The first one comes before any data. */
  readonly onStatus: (status: ConsoleStatus) => void;
  /** So many bytes of the VM were skipped here: this client read too slowly. */
  readonly onOverrun: (skippedBytes: number) => void;
  /** `write` may be called again after it has returned false. */
  readonly onDrain: () => void;
  /** Once, unless `close` was called. */
  readonly onEnd: (end: ConsoleStreamEnd) => void;
}

/** `lost`: the connection broke without an `end` frame. */
export interface ConsoleStreamEnd extends Omit<ConsoleEnd, "reason"> {
  readonly reason: ConsoleEnd["reason"] | "lost";
}

export interface ConsoleStream {
  /** Takes all of the bytes; false: it holds enough for now, wait for `onDrain`. What a watcher writes is discarded. */
  readonly write: (bytes: Uint8Array) => boolean;
  readonly sendBreak: () => void;
  /** Makes this client the writer, unless it may only read. */
  readonly take: () => void;
  /** Leaves writing to others. */
  readonly release: () => void;
  /** Holds the VM's bytes back. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
}

export interface ConsoleStreamOptions {
  readonly socketPath: string;
  /** From the supervisor; good for one stream. */
  readonly key: string;
  readonly listener: ConsoleListener;
  /** How long to wait for the welcome. */
  readonly timeoutMs: number;
}

/**
 * Resolves when the console process has welcomed the client; `onStatus` has been called by then, `onData` perhaps.
 * @throws Error in one line that says what to do
 */
export function openConsoleStream(options: ConsoleStreamOptions): Promise<ConsoleStream> {
  const { socketPath, key, listener, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const decoder = createFrameDecoder();
    const input = createTypedInput((frame) => {
      if (socket.writable) {
        socket.write(frame);
      }
    });
    let isWelcome = false;
    let isOver = false;
    let taken = 0;

    function take(payload: Buffer): void {
      listener.onData(payload);
      taken += payload.length;
      if (taken >= progressBytes && socket.writable) {
        socket.write(encodeProgress(taken));
        taken = 0;
      }
    }

    function finish(end: ConsoleStreamEnd): void {
      if (isOver) {
        return;
      }
      isOver = true;
      clearTimeout(timer);
      socket.destroy();
      if (isWelcome) {
        listener.onEnd(end);
      } else {
        reject(new Error(end.message));
      }
    }

    const handlers: Readonly<Partial<Record<Frame["type"], (payload: Buffer) => void>>> = {
      welcome: (payload) => {
        isWelcome = true;
        clearTimeout(timer);
        listener.onStatus(decodeMessage(consoleStatus, payload));
        resolve(createStream(socket, input, () => (isOver = true)));
      },
      status: (payload) => listener.onStatus(decodeMessage(consoleStatus, payload)),
      data: take,
      progress: (payload) => {
        if (input.taken(payload.readUInt32BE(0))) {
          listener.onDrain();
        }
      },
      overrun: (payload) => listener.onOverrun(Number(payload.readBigUInt64BE(0))),
      end: (payload) => finish(decodeMessage(consoleEnd, payload)),
    };

    const timer = setTimeout(() => finish(lost("the console process does not answer: try again")), timeoutMs);
    socket.on("connect", () => socket.write(encodeFrame("hello", encodeMessage(consoleHello, { key }))));
    socket.on("data", (chunk) => {
      try {
        for (const { type, payload } of decoder.push(chunk)) {
          if (!isOver) {
            handlers[type]?.(payload);
          }
        }
      } catch (error) {
        finish({ reason: "protocol", message: `the console process sent what cannot be read: ${reasonOf(error)}` });
      }
    });
    socket.on("error", (error) => finish(lost(connectError(error, socketPath))));
    socket.on("close", () => finish(lost("the console process closed the connection")));
  });
}

function createStream(socket: Socket, input: TypedInput, markOver: () => void): ConsoleStream {
  return {
    write: input.write,
    sendBreak: input.sendBreak,
    take: () => void socket.write(encodeFrame("take")),
    release: () => void socket.write(encodeFrame("release")),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => {
      markOver();
      // Not destroyed: what was written is still sent.
      socket.end();
      socket.resume();
    },
  };
}

function lost(message: string): ConsoleStreamEnd {
  return { reason: "lost", message };
}

function connectError(error: Error, socketPath: string): string {
  return errorCode(error) === "ENOENT" || errorCode(error) === "ECONNREFUSED"
    ? "the console process is not running: see the daemon's log, and try again in a few seconds"
    : `the connection to the console process at ${socketPath} failed: ${reasonOf(error)}`;
}
