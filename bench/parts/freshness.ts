/** How soon a change in vCenter is shown, and whether a BMC sees what it wrote. */
import { startVcsim, vcsimPeer } from "../../test/support/vcsim.js";
import { SessionConsole } from "../load/console.js";
import { atMost, type Part, type Row } from "../part.js";
import { setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

const changes = 10;
const writes = 6;

export const freshness: Part = {
  name: "freshness",
  about: "how soon a change is shown, and whether a BMC sees what it wrote",
  run: async () => {
    const rows: Row[] = [];
    const stage = await setStage({ bmcs: 1 });
    try {
      rows.push(await shownAfter(stage), await wrongReads(stage, "the embedded simulator"));
    } finally {
      await stage.close();
    }
    if (vcsimPeer.skip === false) {
      rows.push(await withVcsim());
    }
    return rows;
  },
};

async function withVcsim(): Promise<Row> {
  const account = { username: "user", password: "simulated" };
  const vcsim = await startVcsim({ vms: 2, ...account, isQuiet: true });
  const stage = await setStage({ bmcs: 1, vcenter: { ...vcsim, ...account, vmNames: ["DC0_H0_VM0"] } });
  try {
    return await wrongReads(stage, "vcsim");
  } finally {
    await stage.close();
    await vcsim.close();
  }
}

async function shownAfter(stage: Stage): Promise<Row> {
  const { inventory } = stage.simulator!;
  const vm = [...inventory.vms.values()][0]!;
  const session = await SessionConsole.open({ port: stage.ports[0]! });
  await untilPowered(session, vm.powerState === "poweredOn");
  const delays = await repeat(changes, (index) => {
    const isOn = index % 2 === 0;
    vm.powerState = isOn ? "poweredOn" : "poweredOff";
    inventory.changed(vm);
    return timed(() => untilPowered(session, isOn));
  });
  await session.close();
  return {
    what: "a change made in vCenter is shown after",
    value: median(delays),
    unit: "ms",
    goal: atMost(500),
    note: `median of ${changes}, worst ${Math.round(Math.max(...delays))} ms`,
  };
}

async function wrongReads(stage: Stage, vcenter: string): Promise<Row> {
  const session = await SessionConsole.open({ port: stage.ports[0]! });
  const before = await untilKnown(session);
  const reads = await repeat(writes, async (index) => {
    const isOn = (index % 2 === 0) !== before;
    await session.request(0x00, 0x02, [isOn ? 1 : 0]);
    return (await session.isPoweredOn()) === isOn;
  });
  await session.close();
  const wrong = reads.filter((isRight) => !isRight).length;
  return { what: `wrong reads after ${writes} writes of our own, ${vcenter}`, value: wrong, unit: "", goal: atMost(0) };
}

async function untilPowered(session: SessionConsole, isOn: boolean): Promise<void> {
  while ((await session.isPoweredOn().catch(() => undefined)) !== isOn) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function untilKnown(session: SessionConsole): Promise<boolean> {
  for (;;) {
    const isOn = await session.isPoweredOn().catch(() => undefined);
    if (isOn !== undefined) {
      return isOn;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
