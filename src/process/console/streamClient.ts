/** A client on the Unix socket: first the key, then frames in both directions. */
import type { Socket } from "node:net";

import { reasonOf } from "../../base/errors.js";
import {
  createFrameDecoder,
  encodeFrame,
  encodeFrameHeader,
  encodeProgress,
  type Frame,
  windowBytes,
} from "../../io/console/frames.js";
import {
  type ConsoleEnd,
  consoleEnd,
  consoleHello,
  type ConsoleStatus,
  consoleStatus,
  decodeMessage,
  encodeMessage,
} from "../../io/console/messages.js";
import type { ConsoleAdmission } from "../ipc/console.js";
import type { Line, LineClient } from "./line.js";

/** How long a client may take to say hello, ms. */
const helloBoundMs = 5_000;
/** Many breaks take memory too. */
const breakCost = 64;
/** For so long a client may have read nothing before the VM no longer waits for it, ms. */
const silenceMs = 10_000;

/** How a key is turned into an admission, and that into a line. Either throws an Error with a sentence. */
export interface Doorkeeper {
  /** Uses the key up. */
  readonly admission: (key: string) => ConsoleAdmission;
  readonly lineOf: (vmName: string) => Line;
}

export interface StreamClient {
  /** Says why, and closes. */
  readonly end: (end: ConsoleEnd) => void;
}

export function serveClient(socket: Socket, doorkeeper: Doorkeeper, onClose: () => void): StreamClient {
  const decoder = createFrameDecoder();
  let seat: Seat | undefined;
  const timer = setTimeout(() => end({ reason: "refused", message: "no key came in time" }), helloBoundMs);

  function end(why: ConsoleEnd): void {
    if (!socket.destroyed && !socket.writableEnded) {
      socket.end(encodeFrame("end", encodeMessage(consoleEnd, why)));
      // The connection of a client that does not take it is dropped.
      setTimeout(() => socket.destroy(), 1_000).unref();
    }
    leave();
  }

  function leave(): void {
    clearTimeout(timer);
    seat?.leave();
    seat = undefined;
  }

  function hello({ type, payload }: Frame): void {
    if (type !== "hello") {
      throw new Error(`${type} came before hello`);
    }
    const { key } = decodeMessage(consoleHello, payload);
    clearTimeout(timer);
    try {
      const admission = doorkeeper.admission(key);
      seat = takeSeat(socket, admission, doorkeeper.lineOf(admission.vmName));
    } catch (error) {
      end({ reason: "refused", message: reasonOf(error) });
    }
  }

  socket.on("data", (chunk) => {
    try {
      for (const frame of decoder.push(chunk)) {
        if (socket.writableEnded) {
          return;
        }
        if (seat === undefined) {
          hello(frame);
        } else {
          seat.receive(frame);
        }
      }
    } catch (error) {
      end({ reason: "protocol", message: `the console process got what it cannot read: ${reasonOf(error)}` });
    }
  });
  socket.on("drain", () => seat?.pump());
  socket.on("error", () => undefined);
  socket.on("close", () => {
    leave();
    onClose();
  });
  return { end };
}

interface Seat {
  readonly receive: (frame: Frame) => void;
  readonly pump: () => void;
  readonly leave: () => void;
}

function takeSeat(socket: Socket, { kind, user, from, isReadOnly, replayBytes }: ConsoleAdmission, line: Line): Seat {
  const { ring } = line;
  let position = Math.max(ring.start, ring.end - replayBytes);
  /** Bytes that the client has not said to have. */
  let onTheWay = 0;
  let isReading = true;
  let isWelcome = false;
  let silence: NodeJS.Timeout | undefined;

  function restartSilence(): void {
    clearTimeout(silence);
    silence =
      onTheWay === 0
        ? undefined
        : setTimeout(() => {
            isReading = false;
            line.progressed();
          }, silenceMs);
  }

  function skip(): void {
    const skipped = Buffer.alloc(8);
    skipped.writeBigUInt64BE(BigInt(ring.start - position));
    socket.write(encodeFrame("overrun", skipped));
    position = ring.start;
  }

  function pump(): void {
    if (position < ring.start) {
      skip();
    }
    const wasIdle = onTheWay === 0;
    socket.cork();
    while (position < ring.end && onTheWay < windowBytes && !socket.writableNeedDrain) {
      const bytes = ring.read(position);
      socket.write(encodeFrameHeader("data", bytes.length));
      socket.write(bytes);
      position += bytes.length;
      onTheWay += bytes.length;
    }
    socket.uncork();
    if (wasIdle) {
      restartSilence();
    }
  }

  const typed: (Buffer | "break")[] = [];
  let typedBytes = 0;

  function pumpInput(): void {
    while (line.takesInput) {
      const next = typed.shift();
      if (next === undefined) {
        return;
      }
      if (next === "break") {
        typedBytes -= breakCost;
        line.sendBreak(client);
      } else {
        typedBytes -= next.length;
        line.type(client, next);
        socket.write(encodeProgress(next.length));
      }
    }
  }

  function type(next: Buffer | "break"): void {
    typed.push(next);
    typedBytes += next === "break" ? breakCost : next.length;
    if (typedBytes > 2 * windowBytes) {
      throw new Error("more was typed than may be on its way");
    }
    pumpInput();
  }

  const client: LineClient = {
    user: { kind, user, from },
    isReadOnly,
    get position() {
      return position;
    },
    get isReading() {
      return isReading;
    },
    pump,
    sendStatus: (status: ConsoleStatus) => {
      socket.write(encodeFrame(isWelcome ? "status" : "welcome", encodeMessage(consoleStatus, status)));
      isWelcome = true;
    },
    pumpInput,
  };

  function progressed(count: number): void {
    onTheWay = Math.max(0, onTheWay - count);
    isReading = true;
    restartSilence();
    pump();
    line.progressed();
  }

  const handlers: Readonly<Partial<Record<Frame["type"], (payload: Buffer) => void>>> = {
    data: (payload) => {
      if (payload.length > 0) {
        type(Buffer.from(payload));
      }
    },
    break: () => type("break"),
    take: () => line.take(client),
    release: () => line.release(client),
    progress: (payload) => progressed(payload.readUInt32BE(0)),
  };

  line.join(client);
  pump();
  return {
    receive: ({ type, payload }) => handlers[type]?.(payload),
    pump: () => {
      pump();
      line.progressed();
    },
    leave: () => {
      clearTimeout(silence);
      line.leave(client);
    },
  };
}
