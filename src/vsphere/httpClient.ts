/**
 * HTTP for `soap`, on node:https with a few keep-alive connections: handles the cookie, the certificate check, timeouts
 * and invalid answers. Proxies from the environment are never used.
 */
import type { ClientRequest } from "node:http";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";

import { defined } from "../base/defined.js";
import { createCallQueue, type Urgency } from "./callQueue.js";
import { type ConnectionUse, createConnections } from "./connections.js";
import { postSoap, type VimResponse } from "./httpRequest.js";
import { markBlanks } from "./soapValue.js";
import { openTlsConnection, transportError } from "./tlsConnection.js";
import { distrust, type TrustPolicy } from "./trust.js";
import { VimTransportError } from "./vimErrors.js";
import type { Viserver } from "./viserver.js";

export interface CallOptions {
  /** Time from the call to its answer, including the time in the queue. */
  readonly timeoutMs: number;
  /** The connection that the call uses; a `single` call is never sent twice. */
  readonly use: ConnectionUse;
  readonly urgency: Urgency;
  /** The object that the call is for; the queue is fair between owners. */
  readonly owner: string;
  /** Called right before the call is sent; if it throws, the call is not sent. */
  readonly beforeSend?: () => void;
  /** Reduces the answer's body to the part that `soap` parses: parsing blocks the process. */
  readonly condense?: (body: string) => string;
}

/** Access to the same server without SOAP, with the same certificate check and session. */
export interface FileTransport {
  /** Opens a new connection; rejects with VimTransportError. */
  readonly openSocket: () => Promise<TLSSocket>;
  /** The session cookie, as in a Cookie header. */
  readonly cookie: () => string | undefined;
  /** The server with its port, for Host headers and URLs; brackets around IPv6. */
  readonly authority: string;
}

/** The interface that `soap` calls; `exoptions` are CallOptions. */
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
  /** SHA-256 fingerprint of the certificate seen last. */
  readonly fingerprint: () => string | undefined;
  readonly close: () => void;
}

/** An ESXi host closes connections beyond 128, including those of its own vCenter. */
const maxConnections = 8;

export interface HttpClientOptions {
  readonly viserver: Viserver;
  readonly trust: TrustPolicy;
  /** PEM text of the trusted authorities; absent: the well-known ones. */
  readonly authorities?: readonly string[];
  /** How vCenter lists the client in its sessions and events. */
  readonly userAgent?: string;
}

export function createHttpClient(options: HttpClientOptions): VimHttpClient {
  const { viserver, trust, authorities, userAgent } = options;
  const { host, port } = viserver;
  let cookie: string | undefined;
  let fingerprint: string | undefined;

  /** All connections of this client must present the first trusted certificate, in case the server is swapped between two. */
  const policy: TrustPolicy = { ...trust, remembered: () => trust.remembered() ?? fingerprint };

  const openConnection = (): ReturnType<typeof openTlsConnection> =>
    openTlsConnection({
      viserver,
      ...defined({ authorities }),
      check: (socket, certificate) => {
        const problem = distrust(socket, certificate, host, policy);
        fingerprint = problem ? fingerprint : certificate?.fingerprint256;
        return problem;
      },
    });
  const connections = createConnections(openConnection, maxConnections);
  const queue = createCallQueue(maxConnections);

  function sendOnce(
    carried: string | undefined,
    data: string,
    headers: Readonly<Record<string, unknown>>,
    { timeoutMs, use }: Limits,
    onRequest: (request: ClientRequest) => void,
  ): Promise<VimResponse> {
    return postSoap({
      viserver,
      agent: connections.agentFor(use),
      headers: {
        ...(headers as Record<string, string>),
        // The agent has no keep-alive, but soap would send the header anyway.
        ...(use === "single" && { Connection: "close" }),
        ...defined({ "User-Agent": userAgent, Cookie: carried }),
      },
      data,
      timeoutMs,
      onRequest,
    });
  }

  async function send(
    data: string,
    headers: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<VimResponse> {
    // A call that waited or is retried belongs to the session it was requested in, never to a later one.
    const carried = cookie;
    const until = performance.now() + options.timeoutMs;
    const endTurn = options.use === "poll" ? () => undefined : await queue.take(options);
    const opened: Promise<unknown>[] = [];
    try {
      options.beforeSend?.();
      return await sendUntil(until, options, viserver, (limits, onRequest) => {
        const tracked = connections.track(() => sendOnce(carried, data, headers, limits, onRequest));
        opened.push(tracked.opened);
        return tracked.sent;
      });
    } finally {
      void Promise.all(opened).then(endTurn);
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

type Limits = Pick<CallOptions, "timeoutMs" | "use">;

/** If the server has closed a pooled connection in the meantime, the call is retried on a new one. */
async function sendUntil(
  until: number,
  { use }: CallOptions,
  viserver: Viserver,
  tryOnce: (limits: Limits, onRequest: (request: ClientRequest) => void) => Promise<VimResponse>,
): Promise<VimResponse> {
  for (let triesLeft = 2; ; triesLeft--) {
    let request: ClientRequest | undefined;
    try {
      return await tryOnce({ timeoutMs: Math.max(until - performance.now(), 1), use }, (made) => (request = made));
    } catch (error) {
      const isStale = request?.reusedSocket === true && !(error instanceof VimTransportError);
      if (!isStale || triesLeft === 0) {
        throw transportError(error as Error, viserver);
      }
    }
  }
}

/** Rejects HTTP 200 with an empty body, redirects and HTML pages, which `soap` would accept. */
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
