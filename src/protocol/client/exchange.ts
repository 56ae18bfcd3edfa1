/** Requests over one UDP socket, retransmitted until the expected answer arrives or all tries have failed. */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";

import { toError } from "../../base/errors.js";

export interface Exchange {
  /**
   * Sends the result of `nextDatagram` until `accept` returns a result for a received datagram; it returns undefined
   * for broken datagrams and answers to other requests. Rejects with ClientError without an answer.
   */
  readonly ask: <Answer>(
    nextDatagram: () => Buffer,
    accept: (datagram: Buffer) => Answer | undefined,
  ) => Promise<Answer>;
  readonly close: () => void;
}

export interface ExchangeOptions {
  readonly host: string;
  readonly port: number;
  /** Per try. */
  readonly timeoutMs: number;
  readonly tries: number;
}

export type ClientProblem = "noAnswer" | "refused" | "wrongPassword" | "unsupported";

/** Why there is no session or no answer; `message` is one line. */
export class ClientError extends Error {
  override readonly name = "ClientError";

  constructor(
    readonly problem: ClientProblem,
    message: string,
  ) {
    super(message);
  }
}

export function openExchange({ host, port, timeoutMs, tries }: ExchangeOptions): Promise<Exchange> {
  const socket: Socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const listeners = new Set<(datagram: Buffer) => void>();
  socket.on("message", (datagram) => listeners.forEach((listener) => listener(datagram)));

  const exchange: Exchange = {
    ask: (nextDatagram, accept) =>
      new Promise((resolve, reject) => {
        let left = tries;
        let timer: NodeJS.Timeout | undefined;
        const finish = (): void => {
          clearTimeout(timer);
          listeners.delete(listener);
        };
        const listener = (datagram: Buffer): void => {
          try {
            const answer = accept(datagram);
            if (answer !== undefined) {
              finish();
              resolve(answer);
            }
          } catch (error) {
            finish();
            reject(toError(error));
          }
        };
        const send = (): void => {
          if (left-- === 0) {
            finish();
            reject(new ClientError("noAnswer", `no answer from ${host} port ${port} within ${timeoutMs * tries} ms`));
            return;
          }
          // A closed port (ECONNREFUSED) appears as no answer, like a lost datagram.
          socket.send(nextDatagram(), () => undefined);
          timer = setTimeout(send, timeoutMs);
        };
        listeners.add(listener);
        send();
      }),
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, host, () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(exchange);
    });
  });
}
