/** A client's seat at a VM's console: its frames do what they say, until it leaves. */
import type { Socket } from "node:net";

import { encodeFrame, type Frame } from "../../io/console/frames.js";
import { consoleStatus, encodeMessage } from "../../io/console/messages.js";
import type { ConsoleAdmission } from "../ipc/console.js";
import type { Line } from "./line.js";
import type { LineClient } from "./lineClients.js";
import { createSeatInput } from "./seatInput.js";
import { createSeatOutput } from "./seatOutput.js";

export interface Seat {
  /** Throws where the client does not keep to the protocol. */
  readonly receive: (frame: Frame) => void;
  /** The socket takes more. */
  readonly pump: () => void;
  readonly leave: () => void;
}

export function takeSeat(socket: Socket, admission: ConsoleAdmission, line: Line): Seat {
  const { kind, user, from, isReadOnly, replayBytes } = admission;
  const output = createSeatOutput({ socket, ring: line.ring, replayBytes, onSilence: line.progressed });
  const input = createSeatInput(socket, line, () => client);
  let isWelcome = false;

  const client: LineClient = {
    user: { kind, user, from },
    isReadOnly,
    get position() {
      return output.position;
    },
    get isReading() {
      return output.isReading;
    },
    pump: output.pump,
    sendStatus: (status) => {
      socket.write(encodeFrame(isWelcome ? "status" : "welcome", encodeMessage(consoleStatus, status)));
      isWelcome = true;
    },
    pumpInput: input.pump,
  };

  const handlers: Readonly<Partial<Record<Frame["type"], (payload: Buffer) => void>>> = {
    data: (payload) => {
      if (payload.length > 0) {
        input.type(Buffer.from(payload));
      }
    },
    break: () => input.type("break"),
    take: () => line.take(client),
    release: () => line.release(client),
    progress: (payload) => {
      output.confirm(payload.readUInt32BE(0));
      line.progressed();
    },
  };

  line.join(client);
  output.pump();
  return {
    receive: ({ type, payload }) => handlers[type]?.(payload),
    pump: () => {
      output.pump();
      line.progressed();
    },
    leave: () => {
      output.close();
      line.leave(client);
    },
  };
}
