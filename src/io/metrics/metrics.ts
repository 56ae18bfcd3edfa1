/** The metrics in the format of Prometheus. */
import { type Metric, Registry } from "prom-client";

import { hexByte } from "../../base/hex.js";
import type { BmcSample, ConsoleSample, Durations, MetricsSource } from "./samples.js";

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** If it differs from the metric's name: `_bucket`, `_sum`, `_count`. */
  readonly metricName?: string;
}

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly read: (source: MetricsSource) => readonly Value[];
}

const duration = "vbmc_command_duration_seconds";
const requestDuration = "vbmc_redfish_request_duration_seconds";

/** All metrics; docs/metrics.md explains their use. */
export const definitions: readonly Definition[] = [
  {
    name: "vbmc_info",
    help: "Version of vbmcd",
    type: "gauge",
    read: ({ version }) => [{ value: 1, labels: { version } }],
  },
  {
    name: "vbmc_bmc_up",
    help: "Whether a BMC that should run is listening",
    type: "gauge",
    read: perBmc(({ up }) => [{ value: Number(up), labels: {} }]),
  },
  {
    name: "vbmc_vm_powered_on",
    help: "Whether the VM of a BMC is on; absent while unknown",
    type: "gauge",
    read: perBmc(({ poweredOn }) => (poweredOn === undefined ? [] : [{ value: Number(poweredOn), labels: {} }])),
  },
  {
    name: "vbmc_media",
    help: "State of a virtual drive in which something was inserted: the state that it has is 1",
    type: "gauge",
    read: perBmc(({ media }) => media.map(({ drive, state }) => ({ value: 1, labels: { drive, state } }))),
  },
  {
    name: "vbmc_sessions",
    help: "Open IPMI sessions of a BMC",
    type: "gauge",
    read: perBmc(({ sessions }) => [{ value: sessions, labels: {} }]),
  },
  {
    name: "vbmc_redfish_sessions",
    help: "Open Redfish sessions of a BMC",
    type: "gauge",
    read: perBmc(({ redfishSessions }) => [{ value: redfishSessions, labels: {} }]),
  },
  {
    name: "vbmc_login_failures_total",
    help: "Refused logins at a BMC",
    type: "counter",
    read: perBmc(({ loginFailures }) => [{ value: loginFailures, labels: {} }]),
  },
  {
    name: "vbmc_commands_total",
    help: "IPMI commands that a BMC answered, by completion code (0x00: success)",
    type: "counter",
    read: perBmc(({ commands }) =>
      [...commands].map(([code, value]) => ({ value, labels: { completion_code: toHex(code) } })),
    ),
  },
  {
    name: duration,
    help: "Time from an IPMI command to its answer",
    type: "histogram",
    read: perBmc(({ durations }) => (durations.count === 0 ? [] : histogram(duration, durations))),
  },
  {
    name: "vbmc_redfish_requests_total",
    help: "Redfish requests that a BMC answered, by HTTP status",
    type: "counter",
    read: perBmc(({ requests }) => [...requests].map(([status, value]) => ({ value, labels: { status } }))),
  },
  {
    name: requestDuration,
    help: "Time from a Redfish request to its answer",
    type: "histogram",
    read: perBmc(({ requestDurations }) =>
      requestDurations.count === 0 ? [] : histogram(requestDuration, requestDurations),
    ),
  },
  {
    name: "vbmc_console_connected",
    help: "Whether the serial port of a BMC's VM is connected",
    type: "gauge",
    read: perConsole(({ connected }) => [{ value: Number(connected), labels: {} }]),
  },
  {
    name: "vbmc_console_clients",
    help: "Who has the console of a BMC open: Serial over LAN and vbmc console",
    type: "gauge",
    read: perConsole(({ clients }) => [{ value: clients, labels: {} }]),
  },
  {
    name: "vbmc_console_bytes_total",
    help: "Bytes from the serial port of a VM (in) and to it (out)",
    type: "counter",
    read: perConsole(({ bytesIn, bytesOut }) => [
      { value: bytesIn, labels: { direction: "in" } },
      { value: bytesOut, labels: { direction: "out" } },
    ]),
  },
  {
    name: "vbmc_vcenter_up",
    help: "Whether the link to a vCenter account is connected",
    type: "gauge",
    read: ({ vcenters }) =>
      vcenters().map(({ viserver, username, up }) => ({ value: Number(up), labels: { viserver, username } })),
  },
  {
    name: "vbmc_soap_calls_total",
    help: "Calls to a vCenter by method and result: ok, fault or failed",
    type: "counter",
    read: ({ vcenters }) =>
      vcenters().flatMap(({ viserver, username, calls }) =>
        calls.map(({ method, result, count }) => ({ value: count, labels: { viserver, username, method, result } })),
      ),
  },
  {
    name: "process_resident_memory_bytes",
    help: "Resident memory of vbmcd itself, without the processes that serve BMCs and vCenters",
    type: "gauge",
    read: () => [{ value: process.memoryUsage.rss(), labels: {} }],
  },
  {
    name: "process_start_time_seconds",
    help: "Start of vbmcd, seconds since the epoch",
    type: "gauge",
    read: () => [{ value: Math.round(Date.now() / 1_000 - process.uptime()), labels: {} }],
  },
];

/**
 * Values are read on each scrape: nothing is stored here and nothing runs in between.
 * prom-client's own classes count each observation; ours are already counted, so its registry gets the totals.
 */
export function createRegistry(source: MetricsSource): Registry {
  const registry = new Registry();
  for (const { name, help, type, read } of definitions) {
    const get = () => Promise.resolve({ name, help, type, aggregator: "sum", values: read(source) });
    registry.registerMetric({ name, help, type, get } as unknown as Metric);
  }
  return registry;
}

function perBmc(read: (bmc: BmcSample) => readonly Value[]): Definition["read"] {
  return ({ bmcs }) =>
    bmcs().flatMap((bmc) => read(bmc).map((value) => ({ ...value, labels: { bmc: bmc.name, ...value.labels } })));
}

function perConsole(read: (sample: ConsoleSample) => readonly Value[]): Definition["read"] {
  return perBmc(({ console }) => (console === undefined ? [] : read(console)));
}

/** Buckets are cumulative: each includes all shorter durations. */
function histogram(name: string, { classes, count, sumMs }: Durations): Value[] {
  let upTo = 0;
  const buckets = classes.map(({ timeoutMs, count: own }) => {
    upTo += own;
    return { value: upTo, labels: { le: timeoutMs / 1_000 }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: count, labels: { le: "+Inf" }, metricName: `${name}_bucket` },
    { value: sumMs / 1_000, labels: {}, metricName: `${name}_sum` },
    { value: count, labels: {}, metricName: `${name}_count` },
  ];
}

function toHex(code: number): string {
  return `0x${hexByte(code)}`;
}
