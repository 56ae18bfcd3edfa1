/** Waiting for a daemon that is about to listen. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { createPatience } from "./patience.js";

/** How long a daemon that nobody sees may take to appear, ms: a shell may not have run it yet. */
const unseenBoundMs = 1_500;
const triesEveryMs = 50;
/** Looking for a daemon is more work than trying to connect, ms. */
const looksEveryMs = 200;

export interface ListenerOptions {
  readonly port: number;
  /** How long a daemon that starts may take, ms. */
  readonly timeoutMs: number;
  /** The process of a daemon that is going to listen on the port; undefined when there is none. */
  readonly findDaemon: () => number | undefined;
}

export type ListenerOutcome =
  /** Something listens. */
  | { readonly type: "listening" }
  /** Nothing listens, and nothing is about to. */
  | { readonly type: "nobody" }
  /** A daemon is there, and does not listen in time. */
  | { readonly type: "starting"; readonly pid: number }
  /** The network swallows what is sent. */
  | { readonly type: "noAnswer" };

/** Never rejects; tries until something listens on 127.0.0.1, or nothing is worth waiting for. */
export async function awaitListener({ port, timeoutMs, findDaemon }: ListenerOptions): Promise<ListenerOutcome> {
  const whole = createPatience(timeoutMs);
  const unseen = createPatience(Math.min(unseenBoundMs, timeoutMs));
  let pid: number | undefined;
  let lookedAt = -Infinity;
  try {
    for (;;) {
      const mute = whole.due.then(() => wait(triesEveryMs, "mute" as const));
      const answer = await Promise.race([tryToConnect(port), mute]);
      if (answer === "accepted") {
        return { type: "listening" };
      }
      if (answer === "mute") {
        return { type: "noAnswer" };
      }
      if (performance.now() - lookedAt >= looksEveryMs) {
        pid = findDaemon();
        lookedAt = performance.now();
      }
      if (pid === undefined && unseen.isDue()) {
        return { type: "nobody" };
      }
      if (pid !== undefined && whole.isDue()) {
        return { type: "starting", pid };
      }
      await wait(triesEveryMs);
    }
  } finally {
    whole.end();
    unseen.end();
  }
}

async function tryToConnect(port: number): Promise<"accepted" | "refused"> {
  const socket = connect(port, "127.0.0.1").unref();
  try {
    await once(socket, "connect");
    return "accepted";
  } catch {
    return "refused";
  } finally {
    socket.destroy();
  }
}
