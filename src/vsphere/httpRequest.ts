/** One SOAP request over HTTPS, sent once. */
import type { ClientRequest, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";

import { transportError } from "./tlsConnection.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

export interface VimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly data: string;
}

const soapPath = "/sdk";
/** Maximum size of an answer, far more than a page of properties takes, bytes. */
const maxBodyBytes = 64 * 1024 * 1024;

export interface SoapRequest {
  readonly viserver: Viserver;
  readonly agent: NonNullable<RequestOptions["agent"]>;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: string;
  readonly timeoutMs: number;
  /** Called with the request as it is sent. */
  readonly onRequest: (request: ClientRequest) => void;
}

/** Rejects with VimTransportError, or with Node's own error where the answer has not begun. */
export function postSoap({ viserver, agent, headers, data, timeoutMs, onRequest }: SoapRequest): Promise<VimResponse> {
  const { host, port } = viserver;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        agent,
        host,
        port,
        path: soapPath,
        method: "POST",
        headers: { ...headers, "Content-Length": Buffer.byteLength(data) },
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          body += text;
          if (body.length > maxBodyBytes) {
            request.destroy(new VimTransportError("badResponse", `the answer of ${host} is too long`));
          }
        });
        // The answer has begun, so the call was received: do not send it again.
        response.once("error", (error) => fail(transportError(error, viserver)));
        response.once("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, data: body });
        });
      },
    );
    onRequest(request);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      request.destroy(new VimTransportError("timeout", `no answer from ${host} within ${timeoutMs} ms`));
    }, timeoutMs);
    request.once("error", fail);
    request.end(data);
  });
}
