/** Live statistics of a VM: quickStats of its summary, and the latest sample of performance counters. */
import type { MachineStatistics } from "../machine/statistics.js";
import { fromSoap, toSoap, type MoRef } from "./moRef.js";
import { readProperties, type Properties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, numberOf, textOf } from "./soapValue.js";

/** Statistics by the names of their counters (group.name.rollup), all aggregated over the VM's devices. */
const counters = {
  diskUsageKbps: "disk.usage.average",
  networkUsageKbps: "net.usage.average",
  powerWatts: "power.power.average",
} as const;
type CounterStatistic = keyof typeof counters;

/** The interval of real-time samples, seconds: hosts keep them for an hour, at no cost to vCenter. */
const realTimeInterval = 20;

export type StatisticsReader = (machine: MoRef, timeoutMs: number) => Promise<MachineStatistics>;

/** `onProblem` is told once why performance counters are missing. */
export function createStatisticsReader(session: VimSession, onProblem: (reason: string) => void): StatisticsReader {
  /** Counter IDs differ from vCenter to vCenter; the list of them is long, and read once. */
  let counterIds: Promise<ReadonlyMap<number, CounterStatistic>> | undefined;
  const hostNames = new Map<string, string>();
  let hasProblem = false;

  async function readCounterIds(manager: MoRef): Promise<ReadonlyMap<number, CounterStatistic>> {
    const properties = await readProperties(session, manager, ["perfCounter"]);
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

  function knownCounterIds(manager: MoRef): Promise<ReadonlyMap<number, CounterStatistic>> {
    counterIds ??= readCounterIds(manager).catch((error: unknown) => {
      counterIds = undefined;
      throw error;
    });
    return counterIds;
  }

  async function readCounters(machine: MoRef, timeoutMs: number): Promise<MachineStatistics> {
    const manager = session.content.performanceManager;
    if (!manager) {
      return {};
    }
    const ids = await knownCounterIds(manager);
    if (ids.size === 0) {
      return {};
    }
    const querySpec = {
      entity: toSoap(machine),
      maxSample: 1,
      metricId: [...ids.keys()].map((counterId) => ({ counterId, instance: "" })),
      intervalId: realTimeInterval,
      format: "normal",
    };
    const [metric] = listOf(await session.call("QueryPerf", manager, { querySpec: [querySpec] }, { timeoutMs }));
    return Object.fromEntries(
      listOf(fieldOf(metric, "value")).flatMap((series) => {
        const statistic = ids.get(numberOf(fieldOf(fieldOf(series, "id"), "counterId")) ?? -1);
        const sample = numberOf(listOf(fieldOf(series, "value")).at(-1));
        // -1 stands for a sample that could not be taken.
        return statistic !== undefined && sample !== undefined && sample >= 0 ? [[statistic, sample]] : [];
      }),
    );
  }

  async function readCountersIfPossible(machine: MoRef, timeoutMs: number): Promise<MachineStatistics> {
    try {
      const statistics = await readCounters(machine, timeoutMs);
      hasProblem = false;
      return statistics;
    } catch (error) {
      if (!hasProblem) {
        hasProblem = true;
        onProblem(error instanceof Error ? error.message : String(error));
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
    // An account that may see its VMs only does not see their host.
    const name = await readProperties(session, host, ["name"], { timeoutMs }).then(
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
      readProperties(session, machine, ["summary.quickStats", "runtime.host"], { timeoutMs }),
      readCountersIfPossible(machine, timeoutMs),
    ]);
    const quickStats = properties.get("summary.quickStats");
    const host = await hostName(properties, timeoutMs);
    return {
      ...numbersOf(quickStats),
      ...counted,
      ...(host !== undefined && { hostName: host }),
    };
  };
}

const counterStatistics = Object.keys(counters) as CounterStatistic[];

function counterName(info: unknown): string {
  const key = (field: string): string => textOf(fieldOf(fieldOf(info, field), "key")) ?? "";
  return `${key("groupInfo")}.${key("nameInfo")}.${textOf(fieldOf(info, "rollupType")) ?? ""}`;
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
      return value === undefined ? [] : [[statistic, value]];
    }),
  );
}
