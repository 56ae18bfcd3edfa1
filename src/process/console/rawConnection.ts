/** A VM's serial port as plain TCP: no telnet, no identity, no break. */
import type { Socket } from "node:net";

import { addressOf } from "./hostList.js";
import type { Line } from "./line.js";
import type { SerialConnection } from "./serialConnection.js";

/** How long the other end may take to close as well, ms. */
const closeBoundMs = 5_000;

/** The socket is connected. @param onClose after the line knows */
export function connectRaw(socket: Socket, line: Line, onClose: () => void): SerialConnection {
  let reason: string | undefined;
  const connection: SerialConnection = {
    from: addressOf(socket),
    isEncrypted: false,
    isProven: false,
    write: (bytes) => !socket.writable || socket.write(bytes),
    sendBreak: () => false,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => {
      socket.end();
      setTimeout(() => socket.destroy(), closeBoundMs).unref();
    },
    destroy: () => void socket.destroy(),
  };
  socket.on("data", (bytes: Buffer) => line.received(connection, bytes));
  socket.on("drain", () => line.drained(connection));
  socket.on("error", (error) => (reason = error.message));
  socket.on("close", () => {
    line.closed(connection, reason);
    onClose();
  });
  line.connect(connection);
  return connection;
}
