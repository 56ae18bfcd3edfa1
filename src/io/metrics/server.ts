/** Serves `/metrics` in the text format of Prometheus. */
import type { Registry } from "prom-client";

import { reasonOf } from "../../base/errors.js";
import type { HttpRequest, HttpResponse } from "../http/exchange.js";
import { type HttpServer, openHttpServer } from "../http/server.js";
import { createRegistry } from "./metrics.js";
import type { MetricsSource } from "./samples.js";

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** For the probes of Kubernetes: answers while the supervisor does, and costs less than a scrape of many BMCs. */
const healthPath = "/healthz";

/** A scrape is one short request. */
const limits = { maxConnections: 64, maxConnectionsPerClient: 64, requestTimeoutMs: 10_000 };

/** Rejects with one line when it cannot listen. */
export async function startMetricsServer(listen: ListenAddress, source: MetricsSource): Promise<HttpServer> {
  const registry = createRegistry(source);
  try {
    return await openHttpServer({
      ...listen,
      limits,
      handle: (request) => answer(registry, request),
      onError: () => undefined,
    });
  } catch (error) {
    const reason = reasonOf(error);
    throw new Error(`[metrics] listen: ${reason}`);
  }
}

async function answer(registry: Registry, { method, target }: HttpRequest): Promise<HttpResponse> {
  const [path = ""] = target.split("?");
  if (path !== "/metrics" && path !== healthPath) {
    return text(404, "Not found: the metrics are at /metrics\n");
  }
  if (method !== "GET" && method !== "HEAD") {
    return text(405, "Method not allowed\n", { Allow: "GET, HEAD" });
  }
  if (path === healthPath) {
    return text(200, "ok\n");
  }
  try {
    return text(200, await registry.metrics(), { "Content-Type": registry.contentType });
  } catch (error) {
    return text(500, `${reasonOf(error)}\n`);
  }
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body };
}
