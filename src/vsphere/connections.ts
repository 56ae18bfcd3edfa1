/** The connections to one server: a pool, one for the long poll, and new ones for calls that must not be retried. */
import { Agent } from "node:https";
import type { TLSSocket } from "node:tls";

/** `poll` waits for updates; `single` must not use a connection that may have died unnoticed. */
export type ConnectionUse = "usual" | "poll" | "single";

export interface Connections {
  readonly agentFor: (use: ConnectionUse) => Agent;
  /**
   * Runs `send`, which makes a request with one of the agents. `opened` resolves when the new connection for it is open
   * or has failed: it counts until then, whatever the outcome of the request.
   */
  readonly track: <T>(send: () => T) => { readonly sent: T; readonly opened: Promise<unknown> };
  readonly close: () => void;
}

/** `open` returns a connection whose certificate is trusted. */
export function createConnections(open: () => Promise<TLSSocket>, maxKept: number): Connections {
  /** The new connection of the last request; already resolved if it needed none. */
  let opening: Promise<unknown> = Promise.resolve();
  let openingCount = 0;

  function createAgent(keepAlive: boolean): Agent {
    // A resumed TLS session presents no certificate, so sessions are not cached.
    const agent = new Agent({ keepAlive, maxCachedSessions: 0 });
    agent.createConnection = (_options, onConnected) => {
      const socket = open();
      openingCount++;
      opening = socket.then(
        () => openingCount--,
        () => openingCount--,
      );
      socket.then(
        (opened) => onConnected?.(null, opened),
        (error: unknown) => onConnected?.(error as Error, undefined as never),
      );
      return undefined;
    };
    return agent;
  }
  const agents: Readonly<Record<ConnectionUse, Agent>> = {
    usual: createAgent(true),
    poll: createAgent(true),
    single: createAgent(false),
  };

  /** Closes an idle connection to make room for a single-use one. */
  function makeRoom(): void {
    const idle = socketsOf(agents.usual.freeSockets).filter(({ destroyed }) => !destroyed);
    const busy = socketsOf(agents.usual.sockets).length + socketsOf(agents.single.sockets).length + openingCount;
    if (idle.length + busy >= maxKept) {
      idle[0]?.destroy();
    }
  }

  return {
    agentFor: (use) => {
      if (use === "single") {
        makeRoom();
      }
      return agents[use];
    },
    track: (send) => {
      opening = Promise.resolve();
      const sent = send();
      return { sent, opened: opening };
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

function socketsOf<Socket>(sockets: NodeJS.ReadOnlyDict<Socket[]>): Socket[] {
  return Object.values(sockets).flatMap((some) => some ?? []);
}
