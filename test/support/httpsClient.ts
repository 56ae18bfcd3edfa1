/** Requests over TLS to servers of our own, whose certificate is trusted by itself. */
import { request } from "node:https";
import { TLSSocket } from "node:tls";

import { defined } from "../../src/base/defined.js";

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Of the certificate that the server showed, SHA-256 with colons. */
  readonly fingerprint: string;
}

export interface HttpsQuestion {
  readonly port: number;
  readonly host?: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** `name:password` of Basic authentication. */
  readonly auth?: string;
  /** PEM; absent: any certificate will do. */
  readonly ca?: string;
}

/** Rejects when there is no answer within 10 s, or the certificate is not the one expected. */
export function ask({ json, ca, host = "127.0.0.1", headers, ...question }: HttpsQuestion): Promise<HttpsAnswer> {
  const text = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...question,
        host,
        agent: false,
        timeout: 10_000,
        ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
        headers: defined({
          "Content-Type": text === undefined ? undefined : "application/json",
          "Content-Length": text === undefined ? undefined : Buffer.byteLength(text),
          ...headers,
        }),
      },
      (answer) => {
        if (!(answer.socket instanceof TLSSocket)) {
          reject(new Error("the answer came without TLS"));
          return;
        }
        const { fingerprint256: fingerprint } = answer.socket.getPeerCertificate();
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
            fingerprint,
          }),
        );
        answer.on("error", reject);
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", reject);
    asked.end(text);
  });
}
