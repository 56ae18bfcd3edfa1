/** How start, looks at the files and memory grow with the number of BMCs in one daemon. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { startLoadClient } from "../load/loadClient.js";
import type { Part, Row } from "../part.js";
import { cpuSeconds, pssMegabytes, titleOf } from "../processes.js";
import { allKnowPower, callsOf, setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

/** `VBMC_BENCH_BMCS=1000,20000` measures other numbers. */
const usualCounts = "1000,5000,10000";
/** After a start V8 tidies up, and the SELs' first records go to the disk: it is idle when the children use less of a core. */
const idleShare = 0.005;
const lookMs = 5_000;
const maxLooks = 36;
const idleMs = 20_000;
/** With so many BMCs sessions and events are measured as well. */
const smallFleet = 1_000;
const sessionsEach = 10;

export const scale: Part = {
  name: "scale",
  about: "what one daemon carries: BMCs (500 a process), open sessions, events, calls to vCenter",
  run: async () => {
    const rows: Row[] = [];
    for (const count of (process.env["VBMC_BENCH_BMCS"] ?? usualCounts).split(",").map(Number)) {
      const stage = await setStage({ bmcs: count, bmcsPerProcess: 500 });
      try {
        rows.push(...(await carried(stage)));
        if (count === smallFleet) {
          rows.push(await openSessions(stage), await eventsThrough(stage));
        }
      } finally {
        await stage.close();
      }
    }
    return rows;
  },
};

async function carried(stage: Stage): Promise<Row[]> {
  const of = (what: string): string => `${stage.ports.length.toLocaleString("en")} BMCs packed: ${what}`;
  const known = await timed(() => allKnowPower(stage));
  const settled = await timed(() => untilIdle(stage));
  const processes = stage.processes();
  const kinds = { supervisor: /^vbmcd/, link: /^vbmc-link/, children: /^vbmc: / };
  const pids = Object.values(kinds).map((title) => processes.filter((pid) => title.test(titleOf(pid))));
  const [calls, before] = [callsOf(stage), pids.map(cpuSeconds)];
  await pause(idleMs);
  const share = pids.map((each, index) => ((cpuSeconds(each) - before[index]!) / idleMs) * 100_000);
  const idleCalls = callsOf(stage) - calls;
  const memory = pids.map(pssMegabytes);
  const list = median(await repeat(5, () => timed(() => stage.vbmc("list", "-f", "value"))));
  return [
    { what: of("start until all answer"), value: stage.allAnswerMs, unit: "ms" },
    { what: of("all know their VM's state after"), value: stage.allAnswerMs + known, unit: "ms" },
    {
      what: of("PSS of the whole tree"),
      value: pssMegabytes(processes),
      unit: "MB",
      note: noteOf(kinds, memory, "MB"),
    },
    {
      what: of("CPU while idle"),
      value: share.reduce((sum, each) => sum + each, 0),
      unit: "%",
      note: `of one core; ${noteOf(kinds, share, "%")}; ${Math.round(settled / 1_000)} s after the start`,
    },
    { what: of("SOAP calls a minute while idle"), value: (idleCalls * 60_000) / idleMs, unit: "" },
    { what: of("vbmc list as a process"), value: list, unit: "ms" },
  ];
}

async function untilIdle(stage: Stage): Promise<void> {
  const children = stage.processes().filter((pid) => /^vbmc: /.test(titleOf(pid)));
  for (let look = 0; look < maxLooks; look++) {
    const before = cpuSeconds(children);
    await pause(lookMs);
    if (((cpuSeconds(children) - before) * 1_000) / lookMs < idleShare) {
      return;
    }
  }
}

function noteOf(kinds: object, values: readonly number[], unit: string): string {
  const parts = Object.keys(kinds).map((kind, index) => `${kind} ${Number(values[index]!.toPrecision(2))} ${unit}`);
  return parts.join(", ");
}

async function openSessions(stage: Stage): Promise<Row> {
  const children = stage.processes().filter((pid) => /^vbmc: /.test(titleOf(pid)));
  const load = startLoadClient();
  try {
    const before = pssMegabytes(children);
    const { count, seconds } = await load.run({ kind: "openSessions", ports: stage.ports, each: sessionsEach });
    const bytes = ((pssMegabytes(children) - before) * 1e6) / count;
    return {
      what: `${count.toLocaleString("en")} sessions open on ${stage.ports.length.toLocaleString("en")} BMCs: memory of one`,
      value: bytes / 1_000,
      unit: "KB",
      note: `PSS of the children, the first requests' code included; ${Math.round(count / seconds)} logins a second`,
    };
  } finally {
    load.close();
  }
}

/** Every VM changes its state in vCenter in one go: until the last change is in `vbmc events --follow`. */
async function eventsThrough(stage: Stage): Promise<Row> {
  const simulator = stage.simulator!;
  const wanted = new Set(stage.vmNames);
  const follow = spawn(process.execPath, [stage.vbmcPath, "events", "--follow", "-f", "json"], {
    env: stage.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const all = new Promise<void>((resolve) => {
      createInterface({ input: follow.stdout }).on("line", (line) => {
        const { Name, Event, What } = JSON.parse(line) as Record<string, string>;
        if (Event === "sel" && /powered on/.test(What ?? "") && wanted.delete(Name ?? "") && wanted.size === 0) {
          resolve();
        }
      });
    });
    // It has read what was before.
    await pause(1_000);
    const vms = [...simulator.inventory.vms.values()];
    const ms = await timed(() => {
      vms.forEach((vm) => simulator.switchTo(vm, "poweredOn"));
      return all;
    });
    return {
      what: "changes in vCenter through to vbmc events",
      value: (stage.vmNames.length * 1_000) / ms,
      unit: "/s",
      note: `${stage.vmNames.length} VMs powered on in one go: through vCenter, link, supervisor, BMC, its SEL on disk, and back`,
    };
  } finally {
    follow.kill();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
