/** The performance manager: the counters it knows, and the latest samples of VMs that are on. */
import { argument, type Call, type Method } from "./call.js";
import { decodeReference } from "./selection.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { array, int, long, type Reference, reference, structure, symbol, text, type Value } from "./value.js";
import { child, childrenOf, type Element } from "./xml.js";

export interface PerformanceCounter {
  readonly id: number;
  readonly group: string;
  readonly name: string;
  readonly rollup: string;
  readonly unit: string;
  readonly sample: (vm: SimulatedVm) => number | undefined;
}

export const performanceCounters: readonly PerformanceCounter[] = [
  { id: 2, group: "cpu", name: "usage", rollup: "average", unit: "percent", sample: () => 230 },
  {
    id: 125,
    group: "disk",
    name: "usage",
    rollup: "average",
    unit: "kiloBytesPerSecond",
    sample: (vm) => vm.live.diskKbps,
  },
  {
    id: 143,
    group: "net",
    name: "usage",
    rollup: "average",
    unit: "kiloBytesPerSecond",
    sample: (vm) => vm.live.networkKbps,
  },
  { id: 155, group: "power", name: "power", rollup: "average", unit: "watt", sample: (vm) => vm.live.powerWatts },
];

export const performanceManager: Reference = { type: "PerformanceManager", id: "PerfMgr" };

/** What a server could not measure. */
const noSample = -1;
const realTimeInterval = 20;

export function counterProperties(): Record<string, Value> {
  return {
    perfCounter: array(
      "PerfCounterInfo",
      performanceCounters.map(({ id, group, name, rollup, unit }) =>
        structure("PerfCounterInfo", {
          key: int(id),
          nameInfo: description(name),
          groupInfo: description(group),
          unitInfo: description(unit),
          rollupType: symbol("PerfSummaryType", rollup),
          statsType: symbol("PerfStatsType", "rate"),
          level: int(1),
          perDeviceLevel: int(3),
        }),
      ),
    ),
  };
}

function description(key: string): Value {
  return structure("ElementDescription", { label: text(key), summary: text(key), key: text(key) });
}

export const performanceMethods: Readonly<Record<string, Method>> = {
  QueryPerf: {
    parameters: ["querySpec"],
    types: { querySpec: "PerfQuerySpec" },
    run: (call) => {
      argument(call, "querySpec");
      const specs = childrenOf(call.request, "querySpec");
      return { kind: "list", items: specs.map((spec) => metricOf(call, spec)) };
    },
  },
};

function metricOf({ service }: Call, spec: Element): Value {
  const entity = decodeReference(child(spec, "entity"));
  const vm = service.inventory.vms.get(entity.id);
  service.inventory.objects.get(entity);
  const series = vm?.powerState === "poweredOn" ? childrenOf(spec, "metricId").flatMap((id) => seriesOf(vm, id)) : [];
  return structure("PerfEntityMetric", {
    entity: reference(entity.type, entity.id),
    sampleInfo: array("PerfSampleInfo", [
      structure("PerfSampleInfo", {
        timestamp: text(new Date().toISOString()),
        interval: int(realTimeInterval),
      }),
    ]),
    value: array("PerfMetricSeries", series),
  });
}

function seriesOf(vm: SimulatedVm, metricId: Element): Value[] {
  const id = Number(child(metricId, "counterId")?.text);
  const counter = performanceCounters.find((candidate) => candidate.id === id);
  return counter
    ? [
        structure("PerfMetricIntSeries", {
          id: structure("PerfMetricId", { counterId: int(id), instance: text("") }),
          value: long(counter.sample(vm) ?? noSample),
        }),
      ]
    : [];
}
