/** Counts the connections of a server, and closes those beyond a limit. */
import type { Server } from "node:net";

export interface ConnectionCounts {
  readonly open: () => number;
  /** The most that were open at the same time. */
  readonly peak: () => number;
  /** How many were closed since there were too many. */
  readonly refused: () => number;
}

export function limitConnections(server: Server, limit: () => number): ConnectionCounts {
  let open = 0;
  let peak = 0;
  let refused = 0;
  server.on("connection", (socket) => {
    peak = Math.max(peak, ++open);
    socket.once("close", () => open--);
    if (open > limit()) {
      refused++;
      socket.destroy();
    }
  });
  return { open: () => open, peak: () => peak, refused: () => refused };
}
