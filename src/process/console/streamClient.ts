/** A client on the Unix socket: first the key, then frames in both directions. */
import type { Socket } from "node:net";

import { reasonOf } from "../../base/errors.js";
import { createFrameDecoder, encodeFrame, type Frame } from "../../io/console/frames.js";
import { type ConsoleEnd, consoleEnd, consoleHello, decodeMessage, encodeMessage } from "../../io/console/messages.js";
import type { ConsoleAdmission } from "../ipc/console.js";
import type { Line } from "./line.js";
import { type Seat, takeSeat } from "./seat.js";

/** How long a client may take to say hello, ms. */
const helloTimeoutMs = 5_000;

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
  const timer = setTimeout(() => end({ reason: "refused", message: "no key came in time" }), helloTimeoutMs);

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
