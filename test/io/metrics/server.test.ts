import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";

import type { HttpServer } from "../../../src/io/http/server.js";
import { definitions } from "../../../src/io/metrics/metrics.js";
import type { MetricsSource } from "../../../src/io/metrics/samples.js";
import { startMetricsServer } from "../../../src/io/metrics/server.js";
import { inRepository } from "../../support/repository.js";

const source: MetricsSource = {
  version: "1.2.3",
  bmcs: () => [
    {
      name: 'vm"1\\',
      up: true,
      poweredOn: undefined,
      media: [{ drive: "cd", state: "inserted" }],
      console: { connected: true, clients: 2, bytesIn: 4_096, bytesOut: 17 },
      sessions: 2,
      redfishSessions: 1,
      loginFailures: 5,
      commands: new Map([
        [0x00, 7],
        [0xc1, 1],
      ]),
      durations: {
        classes: [
          { timeoutMs: 1, count: 5 },
          { timeoutMs: 250, count: 2 },
        ],
        count: 8,
        sumMs: 3_456,
      },
      requests: new Map([
        [200, 9],
        [401, 2],
      ]),
      requestDurations: { classes: [{ timeoutMs: 1, count: 11 }], count: 11, sumMs: 5 },
    },
  ],
  vcenters: () => [
    { viserver: "vc", username: "u", up: false, calls: [{ method: "Login", result: "fault", count: 3 }] },
  ],
};

let server: HttpServer;
let base: string;
before(async () => {
  server = await startMetricsServer({ address: "127.0.0.1", port: 0 }, source);
  base = `http://127.0.0.1:${server.port}`;
});
after(() => server.close());

test("a probe gets its answer without a scrape", async () => {
  const response = await fetch(`${base}/healthz`);
  assert.deepEqual([response.status, await response.text()], [200, "ok\n"]);
  assert.equal((await fetch(`${base}/healthz`, { method: "POST" })).status, 405);
});

test("a scrape gives all samples in the text format 0.0.4 of Prometheus", async () => {
  const response = await fetch(`${base}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const samples = (await response.text()).split("\n").filter((line) => line.startsWith("vbmc_"));
  const bmc = String.raw`bmc="vm\"1\\"`;
  assert.deepEqual(samples, [
    'vbmc_info{version="1.2.3"} 1',
    `vbmc_bmc_up{${bmc}} 1`,
    'vbmc_media{bmc="vm\\"1\\\\",drive="cd",state="inserted"} 1',
    `vbmc_sessions{${bmc}} 2`,
    `vbmc_redfish_sessions{${bmc}} 1`,
    `vbmc_login_failures_total{${bmc}} 5`,
    `vbmc_commands_total{${bmc},completion_code="0x00"} 7`,
    `vbmc_commands_total{${bmc},completion_code="0xc1"} 1`,
    `vbmc_command_duration_seconds_bucket{${bmc},le="0.001"} 5`,
    `vbmc_command_duration_seconds_bucket{${bmc},le="0.25"} 7`,
    `vbmc_command_duration_seconds_bucket{${bmc},le="+Inf"} 8`,
    `vbmc_command_duration_seconds_sum{${bmc}} 3.456`,
    `vbmc_command_duration_seconds_count{${bmc}} 8`,
    `vbmc_redfish_requests_total{${bmc},status="200"} 9`,
    `vbmc_redfish_requests_total{${bmc},status="401"} 2`,
    `vbmc_redfish_request_duration_seconds_bucket{${bmc},le="0.001"} 11`,
    `vbmc_redfish_request_duration_seconds_bucket{${bmc},le="+Inf"} 11`,
    `vbmc_redfish_request_duration_seconds_sum{${bmc}} 0.005`,
    `vbmc_redfish_request_duration_seconds_count{${bmc}} 11`,
    `vbmc_console_connected{${bmc}} 1`,
    `vbmc_console_clients{${bmc}} 2`,
    `vbmc_console_bytes_total{${bmc},direction="in"} 4096`,
    `vbmc_console_bytes_total{${bmc},direction="out"} 17`,
    'vbmc_vcenter_up{viserver="vc",username="u"} 0',
    'vbmc_soap_calls_total{viserver="vc",username="u",method="Login",result="fault"} 3',
  ]);
});

test("any other path is 404, any other method 405, and HEAD has no body", async () => {
  for (const path of ["/", "/metrics/", "/metricsx", "//metrics"]) {
    assert.equal((await fetch(`${base}${path}`)).status, 404, path);
  }
  const posted = await fetch(`${base}/metrics`, { method: "POST", body: "x" });
  assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  const head = await fetch(`${base}/metrics?x=1`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("an address that is taken is reported in one line", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  await assert.rejects(startMetricsServer({ address: "127.0.0.1", port }, source), {
    message: `[metrics] listen: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  });
  other.close();
});

test("every metric that the Grafana dashboard asks for exists", () => {
  const file = inRepository("deploy/grafana/vbmc4vsphere.json");
  const dashboard = JSON.parse(readFileSync(file, "utf8")) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 5);
  const names = new Set(definitions.map(({ name }) => name));
  for (const expression of expressions) {
    for (const name of expression.match(/\b(vbmc|process)_\w+/g) ?? assert.fail(`no metric in ${expression}`)) {
      assert.ok(names.has(name.replace(/_(bucket|sum|count)$/, "")) || names.has(name), `${name} in ${expression}`);
    }
  }
});
