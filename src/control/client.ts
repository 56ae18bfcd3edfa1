/** The command line's end of the control socket. */
import { once } from "node:events";
import { connect } from "node:net";
import type { ControlKeys } from "./keys.js";
import { encodeMessage, parseResponse, type ControlResponse } from "./messages.js";

export type ClientAuth = { readonly mode: "curve"; readonly keys: ControlKeys | undefined } | { readonly mode: "none" };

export interface ControlClientOptions {
  readonly port: number;
  readonly auth: ClientAuth;
  readonly timeoutMs: number;
}

/** The daemon was not reached or did not answer; `message` says what to do. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** Rejects with ControlError: at once when nothing listens, else after `timeoutMs`. */
export async function controlRequest(
  request: Readonly<Record<string, unknown>>,
  { port, auth, timeoutMs }: ControlClientOptions,
): Promise<ControlResponse> {
  const failure = (reason: string): ControlError =>
    new ControlError(`Failed to connect to the vbmcd server on port ${port}, error: ${reason}`);
  // ZeroMQ would go on trying to connect until the time-out.
  if (!(await accepts(port))) {
    throw failure("Connection refused. Start the daemon with: vbmcd");
  }
  const { Request } = await import("zeromq");
  const socket = new Request({ linger: 0, receiveTimeout: timeoutMs, sendTimeout: timeoutMs });
  try {
    if (auth.mode === "curve") {
      if (!auth.keys) {
        throw failure("there are no keys to talk to it: is it the daemon of another user or another config_dir?");
      }
      socket.curveServerKey = auth.keys.server.publicKey;
      socket.curvePublicKey = auth.keys.client.publicKey;
      socket.curveSecretKey = auth.keys.client.secretKey;
    }
    socket.connect(`tcp://127.0.0.1:${port}`);
    await socket.send(encodeMessage(request));
    const [reply] = await socket.receive();
    return parseResponse(reply ?? Buffer.alloc(0));
  } catch (error) {
    if (error instanceof ControlError) {
      throw error;
    }
    const isTimeout = error instanceof Error && "code" in error && error.code === "EAGAIN";
    throw failure(isTimeout ? "Server response timed out" : "the answer is not one of vbmcd");
  } finally {
    socket.close();
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
