/** Reads the latest real-time sample of performance counters, for many VMs in one call. */
import type { MachineStatistics } from "../model/machine/statistics.js";
import { createBatch, type Question } from "./batch.js";
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, numberOf, textOf } from "./soapValue.js";

/** Statistics by the names of their counters (group.name.rollup), all aggregated over the VM's devices. */
const counters = {
  diskUsageKbps: "disk.usage.average",
  networkUsageKbps: "net.usage.average",
  powerWatts: "power.power.average",
} as const;
type CounterStatistic = keyof typeof counters;
type CounterIds = ReadonlyMap<number, CounterStatistic>;

/** Interval of real-time samples, seconds; hosts store them for an hour, at no cost to vCenter. */
const realTimeInterval = 20;
/** vCenter refuses larger queries (its setting config.vpxd.stats.maxQueryMetrics). */
const maxMetrics = 64;

/** Empty if the server has no such counters. Rejects with the reason if they cannot be read. */
export function createCounterReader(session: VimSession): Question<MachineStatistics> {
  const manager = session.content.performanceManager;
  /** Counter IDs differ between vCenters; the list is long and read only once. */
  let known: CounterIds | undefined;
  let reading: Promise<CounterIds> | undefined;

  async function counterIds(at: MoRef): Promise<CounterIds> {
    reading ??= readCounterIds(session, at).finally(() => (reading = undefined));
    known ??= await reading;
    return known;
  }

  const ask = createBatch<MachineStatistics>({
    maxObjects: () => Math.floor(maxMetrics / Math.max(known?.size ?? 0, 1)),
    ask: async (machines, timeoutMs) => {
      const found = new Map<string, MachineStatistics>(machines.map(({ value }) => [value, {}]));
      if (manager && known) {
        const querySpec = machines.map((machine) => querySpecOf(machine, known ?? new Map()));
        const options = { timeoutMs, urgency: "statistics", owner: machines[0]?.value ?? "" } as const;
        for (const metric of listOf(await session.call("QueryPerf", manager, { querySpec }, options))) {
          found.set(fromSoap(fieldOf(metric, "entity"))?.value ?? "", samplesOf(metric, known));
        }
      }
      return found;
    },
  });

  return async (machine, timeoutMs) =>
    manager && (known ?? (await counterIds(manager))).size > 0 ? ask(machine, timeoutMs) : {};
}

function querySpecOf(machine: MoRef, ids: CounterIds): Record<string, unknown> {
  return {
    entity: toSoap(machine),
    maxSample: 1,
    metricId: [...ids.keys()].map((counterId) => ({ counterId, instance: "" })),
    intervalId: realTimeInterval,
    format: "normal",
  };
}

function samplesOf(metric: unknown, ids: CounterIds): MachineStatistics {
  return Object.fromEntries(
    listOf(fieldOf(metric, "value")).flatMap((series) => {
      const statistic = ids.get(numberOf(fieldOf(fieldOf(series, "id"), "counterId")) ?? -1);
      const sample = numberOf(listOf(fieldOf(series, "value")).at(-1));
      // -1 marks a sample that could not be taken.
      return statistic !== undefined && sample !== undefined && sample >= 0 ? [[statistic, sample]] : [];
    }),
  );
}

async function readCounterIds(session: VimSession, manager: MoRef): Promise<CounterIds> {
  const options = { urgency: "statistics", condense: withoutOtherCounters } as const;
  const properties = await readProperties(session, manager, ["perfCounter"], options);
  const ids = new Map<number, CounterStatistic>();
  for (const info of listOf(properties.get("perfCounter"), "PerfCounterInfo")) {
    const key = numberOf(fieldOf(info, "key"));
    const name = counterName(info);
    const statistic = counterStatistics.find((candidate) => counters[candidate] === name);
    if (key !== undefined && statistic !== undefined) {
      ids.set(key, statistic);
    }
  }
  return ids;
}

const counterStatistics = Object.keys(counters) as CounterStatistic[];

function counterName(info: unknown): string {
  const key = (field: string): string => textOf(fieldOf(fieldOf(info, field), "key")) ?? "";
  return `${key("groupInfo")}.${key("nameInfo")}.${textOf(fieldOf(info, "rollupType")) ?? ""}`;
}

const counterInfo = /<((?:[\w-]+:)?PerfCounterInfo)\b[^>]*>.*?<\/\1>/gs;
const wantedParts = Object.values(counters).map((name) => name.split(".").map((part) => `>${part}</`));

/** vCenter 9 has 810 counters, 417 KB, which take a tenth of a second to parse. */
function withoutOtherCounters(body: string): string {
  return body.replace(counterInfo, (info) =>
    wantedParts.some((parts) => parts.every((part) => info.includes(part))) ? info : "",
  );
}
