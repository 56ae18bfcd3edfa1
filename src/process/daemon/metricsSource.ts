/** The values of the metrics, from the supervisor. */
import { durationBoundsMs } from "../../io/counters/counts.js";
import type { BmcSample, MetricsSource } from "../../io/metrics/samples.js";
import { mediaState } from "../operations/media.js";
import { statusOf } from "../supervisor/status.js";
import type { Supervisor } from "../supervisor/supervisor.js";

/** Collects the metrics from the supervisor. */
export function metricsSource(supervisor: Supervisor, version: string): MetricsSource {
  return {
    version,
    bmcs: () => sampleBmcs(supervisor),
    vcenters: () =>
      supervisor.links.map(({ viserver, username, state, calls }) => ({
        viserver,
        username,
        up: state.state === "connected",
        calls: [...calls].map(([key, count]) => {
          const [method = "", result = ""] = key.split(" ");
          return { method, result, count };
        }),
      })),
  };
}

/** BMCs that should be running, including those with an invalid file. */
function sampleBmcs(supervisor: Supervisor): BmcSample[] {
  const entries = [...supervisor.store.list()];
  return entries
    .filter(([, entry]) => "fault" in entry || entry.bmc.active)
    .map(([name, entry]) => {
      const { counts, sessions, redfishSessions } = supervisor.totals.bmc(name);
      const report = supervisor.reportOf(name);
      return {
        name,
        up: statusOf(name, entry, supervisor).status === "running",
        poweredOn: report?.fresh === true ? report.snapshot.powerState === "poweredOn" : undefined,
        media: supervisor.mediaOf(name).map((slot) => ({ drive: slot.id, state: mediaState(slot) })),
        sessions,
        redfishSessions,
        console: sampleConsole(name, supervisor),
        loginFailures: counts.get("loginFailed") ?? 0,
        commands: byNumber(counts, "code "),
        durations: durationsOf(counts, "duration ", "ms"),
        requests: byNumber(counts, "http "),
        requestDurations: durationsOf(counts, "httpDuration ", "httpMs"),
      };
    });
}

function sampleConsole(name: string, { consoles }: Supervisor): BmcSample["console"] {
  const state = consoles.stateOf(name);
  if (state === undefined) {
    return undefined;
  }
  const { connectedSince, bytesIn, bytesOut, writer, watchers } = state;
  const clients = watchers.length + (writer === undefined ? 0 : 1);
  return { connected: connectedSince !== undefined, clients, bytesIn, bytesOut };
}

function byNumber(counts: ReadonlyMap<string, number>, prefix: string): Map<number, number> {
  const codes = [...counts].filter(([key]) => key.startsWith(prefix));
  return new Map(codes.map(([key, count]) => [Number(key.slice(prefix.length)), count]));
}

function durationsOf(counts: ReadonlyMap<string, number>, classPrefix: string, sumKey: string): BmcSample["durations"] {
  const ofClass = (index: number): number => counts.get(`${classPrefix}${index}`) ?? 0;
  const classes = durationBoundsMs.map((timeoutMs, index) => ({ timeoutMs, count: ofClass(index) }));
  const count = classes.reduce((sum, each) => sum + each.count, ofClass(durationBoundsMs.length));
  return { classes, count, sumMs: counts.get(sumKey) ?? 0 };
}
