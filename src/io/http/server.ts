/** An HTTP or HTTPS server with limits on connections, handshakes, headers and time. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";

import { type Connections, createConnections } from "./connections.js";
import type { HttpHandler } from "./exchange.js";
import { respond } from "./respond.js";
import { createSecuring } from "./securing.js";

export interface HttpServer {
  /** The bound port, chosen by the system if port 0 was requested. */
  readonly port: number;
  /** Accepts no more connections, gives open requests a moment to finish, then closes all. */
  readonly close: () => Promise<void>;
}

export interface HttpLimits {
  readonly maxConnections: number;
  /** Maximum connections of one client address. */
  readonly maxConnectionsPerClient: number;
  /** Maximum TLS handshakes in progress. */
  readonly maxHandshakes: number;
  readonly handshakeTimeoutMs: number;
  /** Timeout for the headers, and again for headers and body together. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Timeout for headers and body together; absent: as `requestTimeoutMs`. */
  readonly bodyTimeoutMs?: number;
}

export const usualLimits: HttpLimits = {
  maxConnections: 256,
  maxConnectionsPerClient: 128,
  maxHandshakes: 32,
  handshakeTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
};

export interface HttpServerOptions {
  readonly address: string;
  readonly port: number;
  /** The current certificate for a handshake; absent: plain HTTP. Servers can share one context. */
  readonly secureContext?: () => SecureContext;
  readonly handle: HttpHandler;
  /** Takes a connection that leaves HTTP, such as a WebSocket; absent: none does. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<HttpLimits>;
}

/** Maximum size of all headers of a request, bytes. */
const maxHeaderSize = 16 * 1_024;
const maxHeadersCount = 100;
/** Interval of the check for slow requests, ms. */
const timeoutCheckIntervalMs = 5_000;
/** How long open requests may take when the server closes, ms. */
const closeDelayMs = 300;

/** Rejects with Node's error when it cannot listen. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...usualLimits, ...options.limits };
  const server = createServer({
    maxHeaderSize,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.bodyTimeoutMs ?? limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(timeoutCheckIntervalMs, limits.requestTimeoutMs),
    noDelay: true,
  });
  server.maxConnections = limits.maxConnections;
  server.maxHeadersCount = maxHeadersCount;
  server.on("request", (request, response) => respond(options.handle, request, response, options.onError));
  if (options.onUpgrade) {
    server.on("upgrade", options.onUpgrade);
  }
  server.on("clientError", refuse);
  const connections = admit(server, options, limits);
  server.listen(options.port, options.address);
  await once(server, "listening");
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : options.port,
    close: () => close(server, connections),
  };
}

/** Node answers 400 by itself; a method that its parser does not know is to be 501 (RFC 9110 §9.1). */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = statusOfClientError[error.code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const statusOfClientError: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: "501 Not Implemented",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Accepts connections within the limits, and secures them before a request is read. */
function admit(server: Server, options: HttpServerOptions, limits: HttpLimits): Connections {
  const connections = createConnections(limits.maxConnectionsPerClient);
  // Node's own listener, which reads requests: with TLS it gets the secured socket instead.
  const serve = server.listeners("connection") as ((socket: Socket) => void)[];
  const secure = options.secureContext && createSecuring(options.secureContext, limits);
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    if (!connections.add(socket)) {
      return;
    }
    if (!secure) {
      serve.forEach((listener) => listener.call(server, socket));
      return;
    }
    secure(socket).then(
      (secured) => serve.forEach((listener) => listener.call(server, secured)),
      () => socket.destroy(),
    );
  });
  return connections;
}

async function close(server: Server, connections: Connections): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const timer = setTimeout(connections.destroyAll, closeDelayMs);
  await closed;
  clearTimeout(timer);
}
