/** What a client types on a VM's console, in order, until the VM takes it. */
import type { Socket } from "node:net";

import { encodeProgress, progressBytes, windowBytes } from "../../io/console/frames.js";
import type { Line } from "./line.js";
import type { LineClient } from "./lineClients.js";

/** Many breaks take memory too. */
const breakCost = 64;

export interface SeatInput {
  /** Throws where more is typed than may be on its way. */
  readonly type: (next: Buffer | "break") => void;
  /** Passes on what the line takes. */
  readonly pump: () => void;
}

export function createSeatInput(socket: Socket, line: Line, client: () => LineClient): SeatInput {
  const typed: (Buffer | "break")[] = [];
  let typedBytes = 0;
  /** Bytes that the client does not know to be taken. */
  let unconfirmed = 0;

  function pump(): void {
    while (line.takesInput) {
      const next = typed.shift();
      if (next === undefined) {
        return;
      }
      if (next === "break") {
        typedBytes -= breakCost;
        line.sendBreak(client());
      } else {
        typedBytes -= next.length;
        line.type(client(), next);
        unconfirmed += next.length;
        if (unconfirmed >= progressBytes) {
          socket.write(encodeProgress(unconfirmed));
          unconfirmed = 0;
        }
      }
    }
  }

  return {
    type: (next) => {
      typed.push(next);
      typedBytes += next === "break" ? breakCost : next.length;
      if (typedBytes > 2 * windowBytes) {
        throw new Error("more was typed than may be on its way");
      }
      pump();
    },
    pump,
  };
}
