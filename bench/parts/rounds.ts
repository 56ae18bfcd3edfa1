/** What is left at vCenter after many rounds of add, start, stop and delete. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { startSimulator } from "../../src/simulator/index.js";
import { createDaemonHome } from "../../test/process/daemon/daemonHome.js";
import { until } from "../../test/support/patience.js";
import { atMost, type Part } from "../part.js";
import { timed } from "../statistics.js";

const account = { username: "administrator@vsphere.local", password: "simulated" } as const;
/** The issue speaks of 1,000: `VBMC_BENCH_ROUNDS=1000`, some ten minutes. */
const usualRounds = 100;
/** Each names the vCenter in another way, so that each has a link, and with it a session, of its own. */
const vcenterNames = ["127.0.0.1", "localhost"];

export const rounds: Part = {
  name: "rounds",
  about: "add, start, stop, delete again and again: what is left over at vCenter",
  run: async () => {
    const count = Number(process.env["VBMC_BENCH_ROUNDS"] ?? usualRounds);
    const simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 2, tls: true, ...account });
    const home = await mkdtemp(path.join(tmpdir(), "vbmc-bench-"));
    const daemon = await createDaemonHome(home);
    try {
      await daemon.start();
      let maxSessions = 0;
      let failures = 0;

      async function round(lane: number): Promise<void> {
        const name = `vm-0${lane + 1}`;
        const { username: viserver_username, password: viserver_password } = account;
        const viserver = `${vcenterNames[lane]}:${simulator.port}`;
        await daemon.add(name, { viserver, viserver_username, viserver_password });
        for (const command of ["start", "stop", "delete"] as const) {
          failures += Number((await daemon.command(command, name)).rc !== 0);
          maxSessions = Math.max(maxSessions, simulator.sessions.count());
        }
      }

      async function rounds(lane: number): Promise<void> {
        for (let done = 0; done < count / vcenterNames.length; done++) {
          await round(lane);
        }
      }

      const ms = await timed(() => Promise.all(vcenterNames.map((_, lane) => rounds(lane))));
      const goneAfter = await timed(() =>
        until("the last links have logged out", () => simulator.sessions.count() === 0).catch(() => undefined),
      );
      const logins = simulator.calls.get("Login") ?? 0;
      return [
        { what: `${count} rounds: commands that failed`, value: failures, unit: "", goal: atMost(0) },
        {
          what: `${count} rounds: sessions left over`,
          value: simulator.sessions.count(),
          unit: "",
          goal: atMost(0),
          note: `${logins} logins, at most ${maxSessions} sessions at a time, the last gone after ${Math.round(goneAfter)} ms`,
        },
        { what: `${count} rounds: each takes`, value: ms / count, unit: "ms", note: "two at a time" },
      ];
    } finally {
      await daemon.end();
      await simulator.close();
      await rm(home, { recursive: true, force: true });
    }
  },
};
