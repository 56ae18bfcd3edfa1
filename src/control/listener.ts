/** Waits for a daemon that is starting to listen. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { createFairTimeout } from "./fairTimeout.js";

/** How long a daemon may take to appear as a process, ms: a shell may not have run it yet. */
const unseenTimeoutMs = 1_500;
const retryIntervalMs = 50;
/** Searching for a daemon is more expensive than trying to connect, ms. */
const searchIntervalMs = 200;

export interface ListenerOptions {
  readonly port: number;
  /** How long a daemon that is starting may take, ms. */
  readonly timeoutMs: number;
  /** The pid of a daemon that will listen on the port; undefined if there is none. */
  readonly findDaemon: () => number | undefined;
}

export type ListenerOutcome =
  /** Something listens. */
  | { readonly type: "listening" }
  /** Nothing listens, and no daemon is starting. */
  | { readonly type: "absent" }
  /** A daemon is starting, but does not listen in time. */
  | { readonly type: "starting"; readonly pid: number }
  /** The network drops what is sent. */
  | { readonly type: "noAnswer" };

/** Tries until something listens on 127.0.0.1 or waiting is pointless; never rejects. */
export async function awaitListener({ port, timeoutMs, findDaemon }: ListenerOptions): Promise<ListenerOutcome> {
  const whole = createFairTimeout(timeoutMs);
  const unseen = createFairTimeout(Math.min(unseenTimeoutMs, timeoutMs));
  let pid: number | undefined;
  let searchedAt = -Infinity;
  try {
    for (;;) {
      const silent = whole.due.then(() => wait(retryIntervalMs, "silent" as const));
      const attempt = tryToConnect(port);
      const answer = await Promise.race([attempt.outcome, silent]);
      attempt.end();
      if (answer === "accepted") {
        return { type: "listening" };
      }
      if (answer === "silent") {
        return { type: "noAnswer" };
      }
      if (performance.now() - searchedAt >= searchIntervalMs) {
        pid = findDaemon();
        searchedAt = performance.now();
      }
      if (pid === undefined && unseen.isDue()) {
        return { type: "absent" };
      }
      if (pid !== undefined && whole.isDue()) {
        return { type: "starting", pid };
      }
      await wait(retryIntervalMs);
    }
  } finally {
    whole.end();
    unseen.end();
  }
}

interface Attempt {
  /** Never rejects. */
  readonly outcome: Promise<"accepted" | "refused">;
  /** A connection without an answer would keep the process running for two minutes. */
  readonly end: () => void;
}

function tryToConnect(port: number): Attempt {
  const socket = connect(port, "127.0.0.1");
  const outcome = once(socket, "connect").then(
    () => "accepted" as const,
    () => "refused" as const,
  );
  return { outcome, end: () => socket.destroy() };
}
