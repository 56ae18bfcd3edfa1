/** Counts the connections of a server, and closes those beyond a limit. */
import type { Server, Socket } from "node:net";

export interface ConnectionCounts {
  readonly open: () => number;
  /** The most that were open at the same time. */
  readonly peak: () => number;
  /** How many were closed since there were too many. */
  readonly refused: () => number;
  /** Those in a TLS handshake too, which `closeAllConnections` of an HTTPS server does not know. */
  readonly closeAll: () => void;
}

export function limitConnections(server: Server, limit: () => number): ConnectionCounts {
  const sockets = new Set<Socket>();
  let peak = 0;
  let refused = 0;
  server.on("connection", (socket) => {
    sockets.add(socket);
    peak = Math.max(peak, sockets.size);
    socket.once("close", () => sockets.delete(socket));
    if (sockets.size > limit()) {
      refused++;
      socket.destroy();
    }
  });
  return {
    open: () => sockets.size,
    peak: () => peak,
    refused: () => refused,
    closeAll: () => sockets.forEach((socket) => socket.destroy()),
  };
}
