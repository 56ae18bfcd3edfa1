/** HTTPS clients that cost little: a request is made once, and an answer is read as far as its length. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";

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
export interface HttpsConsole {
  /** Resolves with the whole answer; rejects when the server hangs up. */
  readonly ask: (request: string) => Promise<Buffer>;
  readonly close: () => void;
}

export async function openHttpsConsole(port: number): Promise<HttpsConsole> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  let received: Buffer = Buffer.alloc(0);
  let take: (() => void) | undefined;
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    take?.();
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error("the server hung up"));
        socket.once("close", fail);
        take = () => {
          const end = endOfAnswer(received);
          if (end !== undefined) {
            const answer = received.subarray(0, end);
            received = received.subarray(end);
            socket.off("close", fail);
            resolve(answer);
          }
        };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
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
