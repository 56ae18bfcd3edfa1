/** The command line's end of the control socket. */
import { setTimeout as wait } from "node:timers/promises";

import type { Request } from "zeromq";

import type { ControlKeys } from "./keys.js";
import { awaitListener } from "./listener.js";
import { type ControlResponse, encodeMessage, parseResponse } from "./messages.js";
import { createPatience } from "./patience.js";
import { quietenExit } from "./quietExit.js";

export type ClientAuth = { readonly mode: "curve"; readonly keys: ControlKeys | undefined } | { readonly mode: "none" };

export interface ControlClientOptions {
  readonly port: number;
  /** A function is called once something listens: a daemon makes its keys at its first start. */
  readonly auth: ClientAuth | (() => Promise<ClientAuth>);
  readonly timeoutMs: number;
  /** The daemon's name in texts. */
  readonly daemon?: string;
  /** The process of a daemon that is going to listen on the port. */
  readonly findDaemon?: () => number | undefined;
}

/** The daemon was not reached or did not answer; `message` says what to do. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** The share of a wait after which the daemon is asked whether it is at work. */
const askingShare = 0.5;
/** However busy the daemon says it is, ms. */
const longestWaitMs = 600_000;

/** Asking these again does no harm. */
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
 * Rejects with ControlError: soon when nothing listens and no daemon is about to, else after `timeoutMs`. A daemon that
 * says it is at work on something is waited for.
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
      throw failure(options, "it ended before it answered. See whether the command was done with: vbmc list");
    }
  }
}

async function reach(options: ControlClientOptions): Promise<void> {
  const { port, timeoutMs, daemon = "vbmcd", findDaemon = () => undefined } = options;
  const outcome = await awaitListener({ port, timeoutMs, findDaemon });
  switch (outcome.type) {
    case "listening":
      return;
    case "nobody":
      throw failure(options, `Connection refused. Start the daemon with: ${daemon}`);
    case "starting":
      throw failure(
        options,
        `Connection refused. ${daemon} is starting (PID ${outcome.pid}) and does not listen after ${timeoutMs} ms; see its log`,
      );
    case "noAnswer":
      throw failure(options, "Server response timed out");
  }
}

/** One request on a connection of its own; "lost" when the daemon went away before it answered. */
async function exchange(
  request: Readonly<Record<string, unknown>>,
  options: ControlClientOptions,
): Promise<ControlResponse | "lost"> {
  const { socket, lost } = await connectedSocket(options);
  const answered = new AbortController();
  try {
    await socket.send(encodeMessage(request));
    const reply = await Promise.race([socket.receive(), lost, whenGivenUp(options, answered.signal)]);
    if (reply === "lost") {
      return reply;
    }
    if (reply === "givenUp") {
      throw failure(options, "Server response timed out");
    }
    return parseReply(reply[0] ?? Buffer.alloc(0), options);
  } finally {
    answered.abort();
    socket.close();
  }
}

interface Connection {
  readonly socket: Request;
  /** Resolves when the daemon goes away. */
  readonly lost: Promise<"lost">;
}

async function connectedSocket(options: ControlClientOptions): Promise<Connection> {
  const auth = typeof options.auth === "function" ? await options.auth() : options.auth;
  if (auth.mode === "curve" && !auth.keys) {
    throw failure(options, "there are no keys to talk to it: is it the daemon of another user or another config_dir?");
  }
  quietenExit();
  const zeromq = await import("zeromq");
  const socket = new zeromq.Request({ linger: 0 });
  if (auth.mode === "curve" && auth.keys) {
    socket.curveServerKey = auth.keys.server.publicKey;
    socket.curvePublicKey = auth.keys.client.publicKey;
    socket.curveSecretKey = auth.keys.client.secretKey;
  }
  // Events from before somebody listens for them are not kept.
  const lost = whenLost(socket);
  socket.connect(`tcp://127.0.0.1:${options.port}`);
  return { socket, lost };
}

/** A request that a daemon had received when it ended is lost; ZeroMQ would wait for its reply for ever. */
function whenLost(socket: Request): Promise<"lost"> {
  return new Promise((resolve) => {
    let isAtWork = false;
    socket.events.on("handshake", () => (isAtWork = true));
    socket.events.on("disconnect", () => {
      if (isAtWork) {
        resolve("lost");
      }
    });
  });
}

/** Resolves after `timeoutMs`; later when the daemon says by then that it is at work on something. */
async function whenGivenUp(options: ControlClientOptions, answered: AbortSignal): Promise<"givenUp"> {
  for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += options.timeoutMs) {
    const patience = createPatience(options.timeoutMs);
    answered.addEventListener("abort", patience.end);
    const isAtWork = wait(options.timeoutMs * askingShare, undefined, { signal: answered })
      .then(() => askWhetherAtWork(options, answered))
      .catch(() => false);
    await patience.due;
    // What has not been answered by now is no.
    if (!(await Promise.race([isAtWork, Promise.resolve(false)]))) {
      break;
    }
  }
  return "givenUp";
}

async function askWhetherAtWork(options: ControlClientOptions, answered: AbortSignal): Promise<boolean> {
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
    throw failure(options, "the answer is not one of vbmcd");
  }
}

function failure({ port, daemon = "vbmcd" }: ControlClientOptions, reason: string): ControlError {
  return new ControlError(`Failed to connect to the ${daemon} server on port ${port}, error: ${reason}`);
}
