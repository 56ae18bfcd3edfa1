/** A VM's serial port as plain TCP, which has no break, or telnet; neither says whose it is. */
import type { Socket } from "node:net";

import { breakSequence, escapeData } from "../../protocol/telnet/bytes.js";
import { createDirectSession } from "../../protocol/telnet/directSession.js";
import type { DirectProtocol } from "../ipc/console.js";
import { addressOf } from "./hostList.js";
import type { Line } from "./line.js";
import type { SerialConnection } from "./serialConnection.js";

/** How long the other end may take to close as well, ms. */
const closeTimeoutMs = 5_000;

/** Maximum unread replies to telnet options, bytes: an end that only asks is no serial port. */
const maxUnread = 1_048_576;

/** The socket is connected. @param onClose after the line knows */
export function connectPlain(
  socket: Socket,
  protocol: DirectProtocol,
  line: Line,
  onClose: () => void,
): SerialConnection {
  let reason: string | undefined;
  const telnet = protocol === "telnet" ? createDirectSession() : undefined;

  /** False: there is enough for now. */
  function send(bytes: Uint8Array): boolean {
    return !socket.writable || bytes.length === 0 || socket.write(bytes);
  }

  function receive(chunk: Buffer): void {
    const received = (bytes: Buffer): void => line.received(connection, bytes);
    if (telnet === undefined) {
      received(chunk);
      return;
    }
    send(telnet.receive(chunk, received));
    if (socket.writableLength > maxUnread) {
      socket.destroy(new Error("it does not read what it is sent"));
    }
  }

  const connection: SerialConnection = {
    from: addressOf(socket),
    isEncrypted: false,
    isProven: false,
    write: (bytes) => send(telnet === undefined ? bytes : escapeData(bytes)),
    sendBreak: () => {
      if (telnet !== undefined) {
        send(breakSequence);
      }
      return telnet !== undefined;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => {
      socket.end();
      setTimeout(() => socket.destroy(), closeTimeoutMs).unref();
    },
    destroy: () => void socket.destroy(),
  };
  socket.on("data", receive);
  socket.on("drain", () => line.drained(connection));
  socket.on("error", (error) => (reason = error.message));
  socket.on("close", () => {
    line.closed(connection, reason);
    onClose();
  });
  line.connect(connection);
  send(telnet?.opening() ?? Buffer.alloc(0));
  return connection;
}
