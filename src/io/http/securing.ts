/** TLS for accepted connections: limits the number and duration of handshakes. */
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";

export interface SecuringLimits {
  /** Maximum TLS handshakes in progress. */
  readonly maxHandshakes: number;
  readonly handshakeTimeoutMs: number;
}

/** Resolves with the secured socket; rejects if the handshake fails, times out or exceeds the limit. */
export function createSecuring(
  secureContext: () => SecureContext,
  { maxHandshakes, handshakeTimeoutMs }: SecuringLimits,
): (socket: Socket) => Promise<TLSSocket> {
  let underWay = 0;
  return async (socket) => {
    if (underWay >= maxHandshakes) {
      throw new Error("too many TLS handshakes at once");
    }
    underWay++;
    try {
      return await handshake(socket, secureContext(), handshakeTimeoutMs);
    } finally {
      underWay--;
    }
  };
}

function handshake(socket: Socket, secureContext: SecureContext, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
    const fail = (): void => {
      clearTimeout(timer);
      reject(new Error("the TLS handshake failed"));
    };
    const timer = setTimeout(fail, timeoutMs);
    secured.once("secure", () => {
      clearTimeout(timer);
      resolve(secured);
    });
    secured.on("error", fail);
    socket.once("close", fail);
  });
}
