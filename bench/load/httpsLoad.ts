/** HTTPS clients that cost little: a request is made once, and an answer is read as far as its length. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

export interface HttpsJob {
  readonly port: number;
  /** The whole request, as it is sent again and again. */
  readonly request: string;
  readonly clients: number;
  readonly seconds: number;
}

export interface HttpsResult {
  readonly count: number;
  readonly seconds: number;
  /** ms. */
  readonly p50: number;
  /** Share of a processor that the clients took. */
  readonly busy: number;
}

/** One connection, one request under way at a time. */
export class HttpsConsole {
  #received: Buffer = Buffer.alloc(0);
  #take: (() => void) | undefined;

  private constructor(private readonly socket: TLSSocket) {
    socket.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#take?.();
    });
  }

  static async open(port: number): Promise<HttpsConsole> {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return new HttpsConsole(socket);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Resolves with the whole answer; rejects when the server hangs up. */
  ask(request: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error("the server hung up"));
      this.socket.once("close", fail);
      this.#take = () => {
        const end = endOfAnswer(this.#received);
        if (end !== undefined) {
          const answer = this.#received.subarray(0, end);
          this.#received = this.#received.subarray(end);
          this.socket.off("close", fail);
          resolve(answer);
        }
      };
      this.socket.write(request);
    });
  }
}

/** undefined while the answer is not whole. */
function endOfAnswer(received: Buffer): number | undefined {
  const headersEnd = received.indexOf("\r\n\r\n");
  if (headersEnd < 0) {
    return undefined;
  }
  const [, length = "0"] = /^content-length: (\d+)/im.exec(received.toString("latin1", 0, headersEnd)) ?? [];
  const end = headersEnd + 4 + Number(length);
  return received.length >= end ? end : undefined;
}

export interface HttpsLoad {
  /** Rejects when an answer is not 200. */
  readonly run: (job: HttpsJob) => Promise<HttpsResult>;
  readonly close: () => void;
}

/** Clients in a process of their own. */
export function startHttpsLoad(): HttpsLoad {
  const child = fork(new URL("./httpsLoadProcess.js", import.meta.url));
  return {
    run: async (job) => {
      child.send(job);
      const [answer] = (await once(child, "message")) as [HttpsResult | { readonly failure: string }];
      if ("failure" in answer) {
        throw new Error(answer.failure);
      }
      return answer;
    },
    close: () => void child.kill(),
  };
}
