/** The client side of the control socket. */
import { setTimeout as wait } from "node:timers/promises";

import type { Request } from "zeromq";

import { createFairTimeout } from "./fairTimeout.js";
import type { ControlKeys } from "./keys.js";
import { awaitListener } from "./listener.js";
import { type ControlResponse, encodeMessage, parseResponse } from "./messages.js";
import { quietenExit } from "./quietExit.js";

export type ClientAuth = { readonly mode: "curve"; readonly keys: ControlKeys | undefined } | { readonly mode: "none" };

export interface ControlClientOptions {
  readonly port: number;
  /** A function is called once something listens, since a daemon creates its keys at its first start. */
  readonly auth: ClientAuth | (() => Promise<ClientAuth>);
  /** How long the answer may take. */
  readonly timeoutMs: number;
  /** How long a daemon that is starting, or a network that drops what is sent, may take; `timeoutMs` by default. */
  readonly connectTimeoutMs?: number;
  /** The daemon's name in messages. */
  readonly daemon?: string;
  /** The pid of a daemon that is starting and will listen on the port. */
  readonly findDaemon?: () => number | undefined;
  /** Why that daemon cannot listen, and what to do about it, if anything is known; one line. */
  readonly whySilent?: () => string | undefined;
  /** Why a daemon that listens does not answer, if the reason is on this side; one line. */
  readonly whyUnanswered?: () => Promise<string | undefined>;
}

/** The daemon cannot be reached or did not answer; `message` says what to do. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** The fraction of the timeout after which the client asks whether the daemon is busy. */
const busyCheckFraction = 0.5;
/** Maximum wait for a busy daemon, ms. */
const maxWaitMs = 600_000;

/** Requests that are safe to repeat. */
const repeatable: ReadonlySet<unknown> = new Set([
  "list",
  "show",
  "start",
  "stop",
  "export",
  "check",
  "events",
  "wait",
]);

/**
 * Rejects with ControlError: quickly if nothing listens and no daemon is starting, else after `timeoutMs`. Keeps
 * waiting while the daemon reports that it is busy.
 */
export async function controlRequest(
  request: Readonly<Record<string, unknown>>,
  options: ControlClientOptions,
): Promise<ControlResponse> {
  for (;;) {
    await reach(options);
    const answer = await exchange(request, options);
    if (answer !== "lost") {
      return answer;
    }
    if (!repeatable.has(request["command"])) {
      throw failure(options, "the daemon ended before it answered. Check whether the command took effect: vbmc list");
    }
  }
}

async function reach(options: ControlClientOptions): Promise<void> {
  const { port, daemon = "vbmcd", findDaemon = () => undefined, whySilent = () => undefined } = options;
  const timeoutMs = options.connectTimeoutMs ?? options.timeoutMs;
  const outcome = await awaitListener({ port, timeoutMs, findDaemon });
  switch (outcome.type) {
    case "listening":
      return;
    case "absent":
      throw failure(options, `Connection refused. Start the daemon with: ${daemon}`);
    case "starting":
      throw failure(
        options,
        `Connection refused. ${whySilent() ?? `${daemon} is starting (PID ${outcome.pid}), but is not listening after ${timeoutMs} ms; see its log`}`,
      );
    case "noAnswer":
      throw failure(options, "Server response timed out");
  }
}

/** Sends one request on a new connection; "lost" if the daemon ended before it answered. */
async function exchange(
  request: Readonly<Record<string, unknown>>,
  options: ControlClientOptions,
): Promise<ControlResponse | "lost"> {
  const { socket, lost } = await connectedSocket(options);
  const answered = new AbortController();
  try {
    await socket.send(encodeMessage(request));
    const reply = await Promise.race([socket.receive(), lost, whenTimedOut(options, answered.signal)]);
    if (reply === "lost") {
      return reply;
    }
    if (reply === "timedOut") {
      throw failure(options, (await options.whyUnanswered?.()) ?? "Server response timed out");
    }
    return parseReply(reply[0] ?? Buffer.alloc(0), options);
  } finally {
    answered.abort();
    socket.close();
  }
}

interface Connection {
  readonly socket: Request;
  /** Resolves when the daemon disconnects. */
  readonly lost: Promise<"lost">;
}

async function connectedSocket(options: ControlClientOptions): Promise<Connection> {
  const auth = typeof options.auth === "function" ? await options.auth() : options.auth;
  if (auth.mode === "curve" && !auth.keys) {
    throw failure(
      options,
      "the keys of the control socket are missing: does the daemon run as another user, or with another config_dir?",
    );
  }
  quietenExit();
  const zeromq = await import("zeromq");
  const socket = new zeromq.Request({ linger: 0 });
  if (auth.mode === "curve" && auth.keys) {
    try {
      socket.curveServerKey = auth.keys.server.publicKey;
      socket.curvePublicKey = auth.keys.client.publicKey;
      socket.curveSecretKey = auth.keys.client.secretKey;
    } catch {
      // Five characters can encode more than four bytes hold.
      socket.close();
      throw failure(options, (await options.whyUnanswered?.()) ?? "the keys of the control socket are damaged");
    }
  }
  // Subscribe first: ZeroMQ does not keep events for later listeners.
  const lost = whenLost(socket);
  socket.connect(`tcp://127.0.0.1:${options.port}`);
  return { socket, lost };
}

/** A request is lost if the daemon ends after receiving it; ZeroMQ would wait for the reply forever. */
function whenLost(socket: Request): Promise<"lost"> {
  return new Promise((resolve) => {
    let isConnected = false;
    socket.events.on("handshake", () => (isConnected = true));
    socket.events.on("disconnect", () => {
      if (isConnected) {
        resolve("lost");
      }
    });
  });
}

/** Resolves after `timeoutMs`, or later if the daemon reports by then that it is busy. */
async function whenTimedOut(options: ControlClientOptions, answered: AbortSignal): Promise<"timedOut"> {
  for (let waitedMs = 0; waitedMs < maxWaitMs; waitedMs += options.timeoutMs) {
    const timeout = createFairTimeout(options.timeoutMs);
    answered.addEventListener("abort", timeout.end);
    const isBusy = wait(options.timeoutMs * busyCheckFraction, undefined, { signal: answered })
      .then(() => askWhetherBusy(options, answered))
      .catch(() => false);
    await timeout.due;
    // No answer by now counts as not busy.
    if (!(await Promise.race([isBusy, Promise.resolve(false)]))) {
      break;
    }
  }
  return "timedOut";
}

async function askWhetherBusy(options: ControlClientOptions, answered: AbortSignal): Promise<boolean> {
  const { socket } = await connectedSocket(options);
  const close = (): void => socket.close();
  answered.addEventListener("abort", close);
  if (answered.aborted) {
    close();
  }
  try {
    await socket.send(encodeMessage({ command: "busy" }));
    const [reply] = await socket.receive();
    return (parseResponse(reply ?? Buffer.alloc(0)).working ?? 0) > 0;
  } finally {
    answered.removeEventListener("abort", close);
    close();
  }
}

function parseReply(bytes: Uint8Array, options: ControlClientOptions): ControlResponse {
  try {
    return parseResponse(bytes);
  } catch {
    throw failure(options, "the answer is not a valid vbmcd response");
  }
}

function failure({ port, daemon = "vbmcd" }: ControlClientOptions, reason: string): ControlError {
  return new ControlError(`Failed to connect to the ${daemon} server on port ${port}, error: ${reason}`);
}
