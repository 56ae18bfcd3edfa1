/** Reads live statistics of VMs in batches: quickStats of their summaries, and performance counters. */
import { defined } from "../base/defined.js";
import { reasonOf } from "../base/errors.js";
import type { MachineStatistics } from "../model/machine/statistics.js";
import { createBatch } from "./batch.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { createCounterReader } from "./performanceCounters.js";
import { type Properties, readPropertiesOfMany, requireAny } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, numberOf, textOf } from "./soapValue.js";

export type StatisticsReader = (machine: MoRef, timeoutMs: number) => Promise<MachineStatistics>;

/** Summaries per answer: parsing one takes about 0.3 ms. */
const maxSummaries = 50;

/** `onProblem` is called once with the reason if performance counters are missing. */
export function createStatisticsReader(session: VimSession, onProblem: (reason: string) => void): StatisticsReader {
  const hostNames = new Map<string, string>();
  let hasProblem = false;

  const readCounters = createCounterReader(session);
  const readSummary = createBatch({
    maxObjects: () => maxSummaries,
    ask: (machines, timeoutMs) =>
      readPropertiesOfMany(session, machines, ["summary.quickStats", "runtime.host"], {
        timeoutMs,
        urgency: "statistics",
      }),
  });
  const readHost = createBatch({
    maxObjects: () => maxSummaries,
    ask: (hosts, timeoutMs) => readPropertiesOfMany(session, hosts, ["name"], { timeoutMs, urgency: "statistics" }),
  });

  async function readCountersIfPossible(machine: MoRef, timeoutMs: number): Promise<MachineStatistics> {
    try {
      const statistics = await readCounters(machine, timeoutMs);
      hasProblem = false;
      return statistics;
    } catch (error) {
      if (!hasProblem) {
        hasProblem = true;
        onProblem(reasonOf(error));
      }
      return {};
    }
  }

  async function hostName(properties: Properties, timeoutMs: number): Promise<string | undefined> {
    const host = fromSoap(properties.get("runtime.host"));
    if (!host) {
      return undefined;
    }
    const known = hostNames.get(host.value);
    if (known !== undefined) {
      return known;
    }
    // An account that can see only its VMs cannot see their host.
    const name = await readHost(host, timeoutMs).then(
      (found) => textOf(found.get("name")),
      () => undefined,
    );
    if (name !== undefined) {
      hostNames.set(host.value, name);
    }
    return name;
  }

  return async (machine, timeoutMs) => {
    const [properties, counted] = await Promise.all([
      readSummary(machine, timeoutMs),
      readCountersIfPossible(machine, timeoutMs),
    ]);
    requireAny(properties);
    const quickStats = properties.get("summary.quickStats");
    const host = await hostName(properties, timeoutMs);
    return {
      ...numbersOf(quickStats),
      ...counted,
      ...defined({ hostName: host }),
    };
  };
}

/** [statistic, its name in VirtualMachineQuickStats] */
const quickStatistics = [
  ["cpuUsageMhz", "overallCpuUsage"],
  ["guestMemoryUsageMb", "guestMemoryUsage"],
  ["hostMemoryUsageMb", "hostMemoryUsage"],
  ["uptimeSeconds", "uptimeSeconds"],
] as const;

function numbersOf(quickStats: unknown): MachineStatistics {
  return Object.fromEntries(
    quickStatistics.flatMap(([statistic, name]) => {
      const value = numberOf(fieldOf(quickStats, name));
      // Negative values mean unknown.
      return value === undefined || value < 0 ? [] : [[statistic, value]];
    }),
  );
}
