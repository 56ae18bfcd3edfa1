/**
 * Who may connect to the control socket (RFC 27/ZAP): clients with the one known key. Without such a handler a CURVE
 * server accepts every key.
 */
import { Reply } from "zeromq";

const endpoint = "inproc://zeromq.zap.01";
const version = "1.0";

export interface ZapHandler {
  readonly close: () => void;
}

/** `allowedKey` is the client's public key, 32 bytes. A process can have only one handler. */
export async function startZapHandler(domain: string, allowedKey: Buffer): Promise<ZapHandler> {
  const socket = new Reply({ linger: 0 });
  await socket.bind(endpoint);
  void answer(socket, domain, allowedKey).catch(() => undefined);
  return { close: () => socket.close() };
}

async function answer(socket: Reply, domain: string, allowedKey: Buffer): Promise<void> {
  for await (const frames of socket) {
    const [, requestId = "", requestDomain, , , mechanism, key] = frames;
    const isAllowed =
      requestDomain?.toString() === domain && mechanism?.toString() === "CURVE" && key?.equals(allowedKey) === true;
    const [status, text] = isAllowed ? ["200", "OK"] : ["400", "unknown key"];
    await socket.send([version, requestId, status, text, "", ""]);
  }
}
