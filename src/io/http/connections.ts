/** The open connections of a server, and how many each client address has. */
import type { Socket } from "node:net";

export interface Connections {
  /** Registers a new connection; if its client has too many, closes it and returns false. */
  readonly add: (socket: Socket) => boolean;
  readonly destroyAll: () => void;
}

export function createConnections(maxPerClient: number): Connections {
  const sockets = new Set<Socket>();
  const countOf = new Map<string, number>();

  function release(socket: Socket, client: string): void {
    sockets.delete(socket);
    const left = (countOf.get(client) ?? 1) - 1;
    if (left > 0) {
      countOf.set(client, left);
    } else {
      countOf.delete(client);
    }
  }

  return {
    add: (socket) => {
      // A reset of the connection is not an error of ours.
      socket.on("error", () => undefined);
      const client = socket.remoteAddress ?? "";
      const count = (countOf.get(client) ?? 0) + 1;
      if (count > maxPerClient) {
        socket.destroy();
        return false;
      }
      countOf.set(client, count);
      sockets.add(socket);
      socket.once("close", () => release(socket, client));
      return true;
    },
    destroyAll: () => sockets.forEach((socket) => socket.destroy()),
  };
}
