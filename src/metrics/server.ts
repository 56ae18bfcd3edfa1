import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { createRegistry } from "./metrics.js";
import type { MetricsSource } from "./samples.js";

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export interface MetricsServer {
  readonly port: number;
  readonly close: () => void;
}

/** A scrape is one short request; whoever sends slowly or opens many connections is cut off. */
const requestTimeoutMs = 10_000;
const maximumConnections = 64;

/** Serves `/metrics` in the text format of Prometheus. Rejects with one line when it cannot listen. */
export async function startMetricsServer(
  { address, port }: ListenAddress,
  source: MetricsSource,
): Promise<MetricsServer> {
  const registry = createRegistry(source);
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs });
  server.maxConnections = maximumConnections;
  server.on("request", (request, response) => void respond(registry, request, response));
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`[metrics] listen: ${reason}`);
  }
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split("?")[0];
  if (path !== "/metrics") {
    send(response, 404, "Not found: the metrics are at /metrics\n");
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    send(response, 405, "Method not allowed\n", { Allow: "GET, HEAD" });
  } else {
    try {
      send(response, 200, await registry.metrics(), { "Content-Type": registry.contentType });
    } catch (error) {
      send(response, 500, `${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** HEAD gets the same headers; Node leaves the body out. */
function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
