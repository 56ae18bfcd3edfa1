/** What clients see of a vCenter that takes long for each call. */
import { isCommand } from "../../test/support/programs.js";
import { ipmipower } from "../ipmipower.js";
import { SessionConsole } from "../load/console.js";
import { atMost, type Part, type Row } from "../part.js";
import { callsOf, setStage } from "../stage.js";
import { median, quantile, timed } from "../statistics.js";

export const slowVcenter: Part = {
  name: "slow",
  about: "a vCenter that takes long for each call",
  run: async () => {
    const stage = await setStage({ bmcs: 1 });
    const port = stage.ports[0]!;
    try {
      const rows: Row[] = [];
      const rules = stage.simulator!.rules;
      if (isCommand("ipmipower")) {
        // Its answer waits for the connection to vCenter and the first state, which are not what is measured here.
        await ipmipower([port]);
      }
      rules.add({ misbehaviour: { kind: "delay", ms: 300 } });
      if (isCommand("ipmipower")) {
        const before = callsOf(stage);
        const ms = await timed(() => ipmipower([port]));
        const calls = callsOf(stage) - before;
        rows.push({ what: "ipmipower --stat, vCenter +300 ms a call", value: ms, unit: "ms", goal: atMost(1_000) });
        rows.push({ what: "SOAP calls meanwhile", value: calls, unit: "", goal: atMost(2) });
      }
      rules.clear();
      rules.add({ misbehaviour: { kind: "delay", ms: 50 } });
      const durations = await whileOthersWait(port, () => sessionWithDeviceId(port));
      rows.push({
        what: "another client's session with mc info while 4 sessions wait for vCenter",
        value: median(durations),
        unit: "ms",
        goal: atMost(100),
        note: `vCenter +50 ms a call; p99 ${Math.round(quantile(durations, 0.99))} ms`,
      });
      return rows;
    } finally {
      await stage.close();
    }
  },
};

/** Repeats `work` for 3 s while four sessions switch the VM on and off. */
async function whileOthersWait(port: number, work: () => Promise<void>): Promise<number[]> {
  const end = performance.now() + 3_000;
  const isOver = (): boolean => performance.now() > end;
  const waiters = Array.from({ length: 4 }, async (_, index) => {
    const session = await SessionConsole.open({ port });
    while (!isOver()) {
      // Two at a time are refused by vCenter, which takes it as long.
      await session.request(0x00, 0x02, [index % 2]).catch(() => undefined);
    }
    await session.close();
  });
  const durations: number[] = [];
  while (!isOver()) {
    durations.push(await timed(work));
  }
  await Promise.all(waiters);
  return durations;
}

async function sessionWithDeviceId(port: number): Promise<void> {
  const session = await SessionConsole.open({ port });
  await session.request(0x06, 0x01);
  await session.close();
}
