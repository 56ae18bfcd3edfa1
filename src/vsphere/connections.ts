/** The connections to one server: some that are kept, one for the long poll, and new ones for what is made only once. */
import { Agent } from "node:https";
import type { TLSSocket } from "node:tls";

/** `poll` waits for updates; `single` must not go over a connection that may have died unnoticed. */
export type ConnectionUse = "usual" | "poll" | "single";

export interface Connections {
  readonly agentFor: (use: ConnectionUse) => Agent;
  /**
   * Runs `send`, which makes a request with one of the agents. `opened` resolves when a connection that is opened for it
   * is there or has failed: until then it counts, whatever becomes of the request.
   */
  readonly track: <T>(send: () => T) => { readonly sent: T; readonly opened: Promise<unknown> };
  readonly close: () => void;
}

/** `open` gives a connection whose certificate is trusted. */
export function createConnections(open: () => Promise<TLSSocket>, mostKept: number): Connections {
  /** Of the request made last; resolved at once when it needed no new connection. */
  let opening: Promise<unknown> = Promise.resolve();
  let openingCount = 0;

  function createAgent(keepAlive: boolean): Agent {
    // A resumed TLS session shows no certificate, so none is kept.
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

  /** An idle connection makes room for one that is used once. */
  function makeRoom(): void {
    const idle = socketsOf(agents.usual.freeSockets).filter(({ destroyed }) => !destroyed);
    const busy = socketsOf(agents.usual.sockets).length + socketsOf(agents.single.sockets).length + openingCount;
    if (idle.length + busy >= mostKept) {
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
