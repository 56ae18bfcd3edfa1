/** A vCenter of 10,000 VMs: how long the sweep takes, and the longest turn of the link that serves them. */
import { fork } from "node:child_process";
import { once } from "node:events";

import { startSimulator } from "../../src/simulator/index.js";
import type { LinkJob, LinkMeasurement } from "../load/messages.js";
import { atMost, type Part, type Row } from "../part.js";

const account = { username: "administrator@vsphere.local", password: "simulated" } as const;
const inventorySize = 10_000;
/** A turn that blocks the link for longer delays the answers of all its BMCs, ms. */
const turnGoal = atMost(50);

export const inventory: Part = {
  name: "inventory",
  about: "a vCenter of 10,000 VMs: 1,000 found in one sweep, and all of them served by one link",
  run: async () => {
    const rows: Row[] = [];
    for (const count of [1_000, inventorySize]) {
      rows.push(...(await served(count)));
    }
    return rows;
  },
};

async function served(count: number): Promise<Row[]> {
  const simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: inventorySize, tls: true, ...account });
  const all = [...simulator.inventory.vms.values()].map(({ name }) => name);
  const vmNames = all.filter((_name, index) => index % (inventorySize / count) === 0);
  const execArgv = [...process.execArgv, "--max-semi-space-size=2"];
  const link = fork(new URL("../load/linkProcess.js", import.meta.url), { execArgv });
  const ended = once(link, "exit").then(([code]) => {
    throw new Error(`the link's process ended with exit code ${String(code)}`);
  });
  ended.catch(() => undefined);
  try {
    const job: LinkJob = { viserver: `127.0.0.1:${simulator.port}`, ...account, vmNames };
    link.send(job);
    const [{ ms, maxTurnMs, failures }] = (await Promise.race([once(link, "message"), ended])) as [LinkMeasurement];
    const of = (what: string): string =>
      `${count.toLocaleString("en")} of ${inventorySize.toLocaleString("en")} VMs: ${what}`;
    const calls = (...methods: string[]): number =>
      methods.reduce((sum, method) => sum + (simulator.calls.get(method) ?? 0), 0);
    return [
      { what: of("found, watched and all states known after"), value: ms, unit: "ms" },
      {
        what: of("the link's longest turn"),
        value: maxTurnMs,
        unit: "ms",
        goal: turnGoal,
        note: "CPU time, from the connection on",
      },
      { what: of("sweeps"), value: calls("CreateContainerView"), unit: "", goal: atMost(1) },
      { what: of("filters"), value: calls("CreateFilter"), unit: "" },
      { what: of("lost connections"), value: failures, unit: "", goal: atMost(0) },
    ];
  } finally {
    link.kill();
    await simulator.close();
  }
}
