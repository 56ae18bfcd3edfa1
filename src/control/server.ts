/**
 * The daemon's side of the control socket. A ROUTER replaces the original's REP, so that a slow command does not block
 * other clients; REQ clients see no difference.
 */
import { curveKeyPair, Router } from "zeromq";

import { createSerialQueue } from "../base/async/serialQueue.js";
import { isErrno, reasonOf, traceOf } from "../base/errors.js";
import type { Log } from "../base/log.js";
import { ensureControlKeys } from "./keys.js";
import { type ControlRequest, type ControlResponse, encodeMessage, parseRequest } from "./messages.js";
import { quietenExit } from "./quietExit.js";
import { decodeZ85 } from "./z85.js";
import { startZapHandler, type ZapHandler } from "./zapHandler.js";

export type ServerAuth =
  | { readonly mode: "curve"; readonly keyDirectory: string }
  /** The plain socket of the original: every local user may command the daemon. */
  | { readonly mode: "none" };

export interface ControlServerOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  readonly auth: ServerAuth;
  readonly handle: (request: ControlRequest) => Promise<ControlResponse>;
  readonly log: Log;
}

export interface ControlServer {
  readonly port: number;
  readonly close: () => void;
}

const zapDomain = "vbmcd";
/** Longest request, far above the size of an add; a longer one is answered with an error. Bytes. */
const maxRequestLength = 1024 * 1024;
/** A longer message is not read: the connection of its sender is closed. Bytes. */
const maxMessageSize = 32 * maxRequestLength;

/** Rejects with one line if the port is in use, and with UnkeptKeysError if the keys cannot be read or created. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { port, auth, handle, log } = options;
  quietenExit();
  const socket = new Router({ linger: 0, maxMessageSize });
  let zap: ZapHandler | undefined;
  try {
    if (auth.mode === "curve") {
      const keys = await ensureControlKeys(auth.keyDirectory, curveKeyPair, (message) => log("warn", message));
      zap = await startZapHandler(zapDomain, decodeZ85(keys.client.publicKey));
      socket.zapDomain = zapDomain;
      socket.curveServer = true;
      socket.curvePublicKey = keys.server.publicKey;
      socket.curveSecretKey = keys.server.secretKey;
    }
    await socket.bind(`tcp://127.0.0.1:${port === 0 ? "*" : port}`);
  } catch (error) {
    socket.close();
    zap?.close();
    const isTaken = isErrno(error, "EADDRINUSE");
    throw isTaken ? new Error(`port ${port} on 127.0.0.1 is in use: is another vbmcd running?`) : error;
  }

  /** A ZeroMQ socket sends one message at a time. */
  const sends = createSerialQueue();
  const send = (frames: readonly (Buffer | string)[]): void => {
    sends
      .run(() => socket.send([...frames]))
      // A client that has disconnected does not wait for its answer.
      .catch((error: unknown) => log("debug", "control reply not sent", { reason: reasonOf(error) }));
  };

  const serve = async (): Promise<void> => {
    for await (const frames of socket) {
      const delimiter = frames.findIndex((frame, index) => index > 0 && frame.length === 0);
      const envelope = frames.slice(0, delimiter < 0 ? 1 : delimiter + 1);
      const body = frames.slice(envelope.length);
      void respond(body).then((response) => send([...envelope, encodeMessage(response)]));
    }
  };

  async function respond(body: readonly Buffer[]): Promise<ControlResponse> {
    const [bytes] = body;
    if (!bytes || body.length > 1) {
      return { rc: 1, msg: [`A request must be one message part, but this one has ${body.length}`] };
    }
    if (bytes.length > maxRequestLength) {
      return {
        rc: 1,
        msg: [`A request must not be longer than ${maxRequestLength} bytes, but this one has ${bytes.length}`],
      };
    }
    const parsed = parseRequest(bytes);
    if (!parsed.ok) {
      return parsed.response;
    }
    try {
      return await handle(parsed.request);
    } catch (error) {
      log("error", "unexpected error in a control request", {
        command: parsed.request.command,
        reason: traceOf(error),
      });
      return { rc: 1, msg: [`Internal error in ${parsed.request.command}; see the log of vbmcd`] };
    }
  }

  void serve().catch((error: unknown) => {
    if (!socket.closed) {
      log("error", "the control socket has closed", { reason: reasonOf(error) });
    }
  });
  return {
    port: Number(socket.lastEndpoint?.split(":").at(-1)),
    close: () => {
      socket.close();
      zap?.close();
    },
  };
}
