/** How long one client waits for the answer to a request in an open session. */
import { startEcho, startIpmiSim } from "../floors/floors.js";
import { startLoadClient } from "../load/loadClient.js";
import { atMost, type Part, type Row } from "../part.js";
import { allKnowPower, callsOf, setStage, type Stage, type StageOptions } from "../stage.js";

const seconds = 1.5;
const sessionNote = "p50, one client in an open session";

/** What stands behind the BMC, and how long vCenter takes for each call, ms. */
const cases: readonly (readonly [string, StageOptions, number])[] = [
  ["4 VMs", { bmcs: 4 }, 0],
  ["inventory of 1,000", { bmcs: 4, vms: 1_000 }, 0],
  ["inventory of 10,000", { bmcs: 4, vms: 10_000 }, 0],
  ["4 VMs, vCenter 10 ms away", { bmcs: 4 }, 10],
  ["1,000 VMs, vCenter 10 ms away", { bmcs: 4, vms: 1_000 }, 10],
];

export const latency: Part = {
  name: "latency",
  about: "power status in an open session, whatever stands behind it, and what it costs vCenter",
  run: async () => {
    const load = startLoadClient();
    const echo = await startEcho();
    const sim = await startIpmiSim();
    const rows: Row[] = [];
    const powerStatus = { kind: "requests", netFn: 0x00, command: 0x01, clients: 1, seconds } as const;
    try {
      for (const [name, options, delayMs] of cases) {
        const stage = await setStage(options);
        try {
          await allKnowPower(stage);
          stage.simulator?.rules.add({ misbehaviour: { kind: "delay", ms: delayMs } });
          const plain = await load.run({ kind: "plain", port: echo.port, clients: 1, seconds });
          const before = trafficOf(stage);
          const { p50, p99, count } = await load.run({ ...powerStatus, target: { port: stage.ports[0]! } });
          const what = `power status, ${name}`;
          rows.push({
            what,
            value: p50,
            unit: "ms",
            floor: plain.p50,
            goal: atMost(0.3),
            note: `${sessionNote}; floor: UDP echo`,
          });
          rows.push({ what: `${what}, p99`, value: p99, unit: "ms", floor: plain.p99 });
          if (rows.length === 2) {
            rows.push(...costAtVcenter(before, trafficOf(stage), count));
          }
        } finally {
          await stage.close();
        }
      }
      if (sim) {
        const { p50 } = await load.run({ ...powerStatus, target: { port: sim.port } });
        rows.push({ what: "power status of ipmi_sim (C, no VM behind it)", value: p50, unit: "ms", note: sessionNote });
      }
      return rows;
    } finally {
      load.close();
      await echo.close();
      await sim?.close();
    }
  },
};

interface Traffic {
  readonly calls: number;
  readonly logins: number;
  readonly connections: number;
  readonly bytes: number;
}

function trafficOf(stage: Stage): Traffic {
  return { calls: callsOf(stage), logins: callsOf(stage, "Login"), ...stage.proxy.counts() };
}

/** The link's long poll goes on meanwhile, once in 5 s: it is separated by counting over many requests. */
function costAtVcenter(before: Traffic, after: Traffic, requests: number): Row[] {
  const per = (kind: keyof Traffic): number => (after[kind] - before[kind]) / requests;
  const note = `over ${requests} requests; the long poll, which runs anyway, included`;
  return [
    { what: "SOAP calls per power status", value: per("calls"), unit: "", goal: atMost(0.01), note },
    { what: "logins per power status", value: per("logins"), unit: "", goal: atMost(0) },
    { what: "TLS handshakes per power status", value: per("connections"), unit: "", goal: atMost(0) },
    { what: "KB per power status", value: per("bytes") / 1_000, unit: "KB", goal: atMost(0.1) },
  ];
}
