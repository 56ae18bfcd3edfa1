/**
 * HTTP for `soap`, on node:https with few kept-alive connections: one place for cookie, certificate check, time-outs and
 * what counts as an answer. Proxies of the environment are never asked.
 */
import type { ClientRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";

import { createCallQueue, type Urgency } from "./callQueue.js";
import { type ConnectionUse, createConnections } from "./connections.js";
import { markBlanks } from "./soapValue.js";
import { openTlsConnection, transportError } from "./tlsConnection.js";
import { distrust, type TrustPolicy } from "./trust.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

export interface VimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly data: string;
}

export interface CallOptions {
  /** From the call until its answer, the time in the queue included. */
  readonly timeoutMs: number;
  /** The connection that the call goes over; one for `single` is not made twice. */
  readonly use: ConnectionUse;
  readonly urgency: Urgency;
  /** Whom the call is for: none of them keeps the others waiting. */
  readonly owner: string;
  /** Called when it is the call's turn; when it throws, the call is not made. */
  readonly beforeSend?: () => void;
  /** What `soap` is to parse of the answer's body: parsing blocks the process. */
  readonly condense?: (body: string) => string;
}

/** Another way to the same server, beside SOAP: the certificate is checked, and the session is the same. */
export interface FileTransport {
  /** A connection of its own; rejects with VimTransportError. */
  readonly openSocket: () => Promise<TLSSocket>;
  /** The session's, as in a Cookie header. */
  readonly cookie: () => string | undefined;
  /** Of the server, for the header Host and URLs: with the port, brackets around IPv6. */
  readonly authority: string;
}

/** The shape that `soap` calls; `exoptions` are CallOptions. */
export interface VimHttpClient extends FileTransport {
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
/** Far more than a page of properties takes; a server that sends without end is cut off, bytes. */
const longestBody = 64 * 1024 * 1024;
/** An ESXi host cuts clients off beyond 128 connections, its own vCenter among them. */
const mostConnections = 8;

export interface HttpClientOptions {
  readonly viserver: Viserver;
  readonly trust: TrustPolicy;
  /** PEM text of all authorities that vouch; absent: the well-known ones. */
  readonly authorities?: readonly string[];
  /** How vCenter lists the client in its sessions and events. */
  readonly userAgent?: string;
}

export function createHttpClient(options: HttpClientOptions): VimHttpClient {
  const { viserver, trust, authorities, userAgent } = options;
  const { host, port } = viserver;
  let cookie: string | undefined;
  let fingerprint: string | undefined;

  /** The first certificate that is trusted holds for all connections of this client: between two, it may be swapped. */
  const policy: TrustPolicy = { ...trust, remembered: () => trust.remembered() ?? fingerprint };

  const openConnection = (): ReturnType<typeof openTlsConnection> =>
    openTlsConnection({
      viserver,
      ...(authorities && { authorities }),
      check: (socket, certificate) => {
        const problem = distrust(socket, certificate, host, policy);
        fingerprint = problem ? fingerprint : certificate?.fingerprint256;
        return problem;
      },
    });
  const connections = createConnections(openConnection, mostConnections);
  const queue = createCallQueue(mostConnections);

  function sendOnce(
    carried: string | undefined,
    data: string,
    headers: Readonly<Record<string, unknown>>,
    { timeoutMs, use }: Pick<CallOptions, "timeoutMs" | "use">,
    onRequest: (request: ClientRequest) => void,
  ): Promise<VimResponse> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          agent: connections.agentFor(use),
          host,
          port,
          path: soapPath,
          method: "POST",
          headers: {
            ...(headers as Record<string, string>),
            // Over an agent without keep-alive; soap would say keep-alive all the same.
            ...(use === "single" && { Connection: "close" }),
            ...(userAgent !== undefined && { "User-Agent": userAgent }),
            "Content-Length": Buffer.byteLength(data),
            ...(carried !== undefined && { Cookie: carried }),
          },
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => {
            body += text;
            if (body.length > longestBody) {
              request.destroy(new VimTransportError("badResponse", `the answer of ${host} has no end`));
            }
          });
          // An answer that has begun: the call was received, and is not made again.
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

  async function send(
    data: string,
    headers: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<VimResponse> {
    // A call that waits, or is made again, is one of the session in which it was asked for, never of a later one.
    const carried = cookie;
    const until = Date.now() + options.timeoutMs;
    const endTurn = options.use === "poll" ? () => undefined : await queue.take(options);
    const opened: Promise<unknown>[] = [];
    try {
      options.beforeSend?.();
      return await sendUntil(until, options, (limits, onRequest) => {
        const tracked = connections.track(() => sendOnce(carried, data, headers, limits, onRequest));
        opened.push(tracked.opened);
        return tracked.sent;
      });
    } finally {
      void Promise.all(opened).then(endTurn);
    }
  }

  /** A kept connection that the server has closed in the meantime is no failure: the call is made again on a new one. */
  async function sendUntil(
    until: number,
    { use }: CallOptions,
    tryOnce: (
      limits: Pick<CallOptions, "timeoutMs" | "use">,
      onRequest: (request: ClientRequest) => void,
    ) => Promise<VimResponse>,
  ): Promise<VimResponse> {
    for (let triesLeft = 2; ; triesLeft--) {
      let request: ClientRequest | undefined;
      try {
        return await tryOnce({ timeoutMs: Math.max(until - Date.now(), 1), use }, (made) => (request = made));
      } catch (error) {
        const isStale = request?.reusedSocket === true && !(error instanceof VimTransportError);
        if (!isStale || triesLeft === 0) {
          throw transportError(error as Error, viserver);
        }
      }
    }
  }

  return {
    request: (_url, data, callback, exheaders, exoptions) => {
      const options = exoptions as CallOptions;
      send(String(data), exheaders ?? {}, options).then(
        (response) => {
          const problem = notAnEnvelope(response, host);
          if (problem) {
            callback(problem);
            return;
          }
          cookie = sessionCookie(response) ?? cookie;
          callback(null, response, markBlanks(options.condense?.(response.data) ?? response.data));
        },
        (error: unknown) => callback(error),
      );
    },
    openSocket: openConnection,
    cookie: () => cookie,
    authority: `${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    dropCookie: () => {
      cookie = undefined;
    },
    fingerprint: () => fingerprint,
    close: connections.close,
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
