/**
 * HTTP for `soap`, on node:https with kept-alive connections: one place for cookie, certificate check, time-outs and
 * what counts as an answer. Proxies of the environment are never asked.
 */
import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { distrust, type TrustPolicy } from "./trust.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

export interface VimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly data: string;
}

export interface CallOptions {
  readonly timeoutMs: number;
}

/** The shape that `soap` calls; `exoptions` are CallOptions. */
export interface VimHttpClient {
  readonly request: (
    url: string,
    data: unknown,
    callback: (error: unknown, response?: VimResponse, body?: string) => void,
    exheaders?: Readonly<Record<string, unknown>>,
    exoptions?: unknown,
  ) => void;
  /** Forgets the session: a login with a live cookie is refused. */
  readonly dropCookie: () => void;
  /** SHA-256 fingerprint of the certificate last seen. */
  readonly fingerprint: () => string | undefined;
  readonly close: () => void;
}

const soapPath = "/sdk";

export interface HttpClientOptions {
  readonly viserver: Viserver;
  readonly trust: TrustPolicy;
  /** PEM text of authorities beside the well-known ones. */
  readonly authorities?: readonly string[];
}

export function createHttpClient({ viserver, trust, authorities }: HttpClientOptions): VimHttpClient {
  const { host, port } = viserver;
  let cookie: string | undefined;
  let fingerprint: string | undefined;

  // A resumed TLS session shows no certificate, so none is kept.
  const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });
  agent.createConnection = (_options, onConnected) => {
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(authorities && { ca: [...authorities] }),
      ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }),
    });
    const fail = (error: Error): void => onConnected?.(error, socket);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      // Node 20 gives the certificate of a TLS 1.3 socket only once.
      const certificate = socket.getPeerX509Certificate();
      fingerprint = certificate?.fingerprint256;
      const problem = distrust(socket, certificate, host, trust);
      if (problem) {
        socket.destroy();
        onConnected?.(problem, socket);
      } else {
        onConnected?.(null, socket);
      }
    });
    return undefined;
  };

  function send(data: string, headers: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<VimResponse> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          agent,
          host,
          port,
          path: soapPath,
          method: "POST",
          headers: {
            ...(headers as Record<string, string>),
            "Content-Length": Buffer.byteLength(data),
            ...(cookie !== undefined && { Cookie: cookie }),
          },
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => (body += text));
          response.once("error", fail);
          response.once("end", () => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, data: body });
          });
        },
      );
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(transportError(error, viserver));
      };
      const timer = setTimeout(() => {
        request.destroy(new VimTransportError("timeout", `no answer from ${host} within ${timeoutMs} ms`));
      }, timeoutMs);
      request.once("error", fail);
      request.end(data);
    });
  }

  return {
    request: (_url, data, callback, exheaders, exoptions) => {
      const { timeoutMs } = exoptions as CallOptions;
      send(String(data), exheaders ?? {}, timeoutMs).then(
        (response) => {
          const problem = notAnEnvelope(response, host);
          if (problem) {
            callback(problem);
            return;
          }
          cookie = sessionCookie(response) ?? cookie;
          callback(null, response, response.data);
        },
        (error: unknown) => callback(error),
      );
    },
    dropCookie: () => {
      cookie = undefined;
    },
    fingerprint: () => fingerprint,
    close: () => agent.destroy(),
  };
}

/** HTTP 200 with an empty body, a redirect or an HTML page are no answers, though `soap` takes them for one. */
function notAnEnvelope({ status, headers, data }: VimResponse, host: string): VimTransportError | undefined {
  const isXml = String(headers["content-type"]).includes("xml");
  return (status === 200 || status === 500) && isXml && data.includes("Envelope")
    ? undefined
    : new VimTransportError("badResponse", `${host} answered HTTP ${status} without a SOAP envelope`);
}

/** The quotes around vCenter's session ID are part of the value. */
function sessionCookie({ headers }: VimResponse): string | undefined {
  const cookies: readonly string[] = [headers["set-cookie"] ?? []].flat();
  return cookies.find((text) => text.startsWith("vmware_soap_session="))?.split(";")[0];
}

function transportError(error: Error, { host, port }: Viserver): VimTransportError {
  if (error instanceof VimTransportError) {
    return error;
  }
  const code = "code" in error ? String(error.code) : error.message;
  return new VimTransportError("unreachable", `cannot reach ${host} port ${port}: ${code}`);
}
