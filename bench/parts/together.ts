/** Many BMCs of one account that are asked in the same moment: how many connections vCenter sees, and who is answered. */
import { sensorNumber } from "../../src/model/bmc/sensors/sensorNumber.js";
import { SessionConsole } from "../load/console.js";
import { atMost, type Part, type Row } from "../part.js";
import { callsOf, setStage, type Stage } from "../stage.js";
import { timed } from "../statistics.js";

const count = 200;
/** A client waits longer than the 1.7 s that a BMC gives vCenter, ms. */
const patienceMs = 5_000;
/** What else there is of a link's connections: the long poll, and one for what must not be made twice. */
const maxConnections = 8 + 2;

export const together: Part = {
  name: "together",
  about: `${count} BMCs of one account that are switched on, and whose sensors are read, at the same moment`,
  run: async () => {
    const stage = await setStage({ bmcs: count, bmcsPerProcess: 100 });
    try {
      const rows: Row[] = [];
      for (const delayMs of [0, 20]) {
        rows.push(...(await atDelay(stage, delayMs)));
      }
      return rows;
    } finally {
      await stage.close();
    }
  },
};

async function atDelay(stage: Stage, delayMs: number): Promise<Row[]> {
  const { rules, inventory } = stage.simulator!;
  const consoles = await Promise.all(stage.ports.map((port) => SessionConsole.open({ port }, patienceMs)));
  for (const vm of inventory.vms.values()) {
    vm.powerState = "poweredOff";
    inventory.changed(vm);
  }
  await until(async () => !(await consoles.at(-1)!.isPoweredOn()));
  await pause(1_000);
  if (delayMs > 0) {
    rules.add({ misbehaviour: { kind: "delay", ms: delayMs } });
  }
  const where = delayMs === 0 ? "" : `, vCenter +${delayMs} ms a call`;
  const on = (): boolean => [...inventory.vms.values()].every(({ powerState }) => powerState === "poweredOn");
  const rows = [
    ...(await ask(stage, `${count} powered on${where}`, async () => {
      const failures = await failuresOf(consoles, (console) => console.request(0x00, 0x02, [1]));
      await until(() => Promise.resolve(on()));
      return failures;
    })),
    ...(await ask(stage, `${count} sensors read${where}`, () =>
      failuresOf(consoles, async (console) => {
        const reading = await console.request(0x04, 0x2d, [sensorNumber.cpuUsage]);
        // Byte 3 [5]: reading unavailable.
        if ((reading[1]! & 0x20) !== 0) {
          throw new Error("no reading");
        }
      }),
    )),
  ];
  rules.clear();
  await Promise.all(consoles.map((console) => console.close()));
  return rows;
}

async function ask(stage: Stage, what: string, work: () => Promise<number>): Promise<Row[]> {
  stage.proxy.takePeak();
  const before = callsOf(stage);
  let failures = 0;
  const ms = await timed(async () => {
    failures = await work();
  });
  return [
    { what: `${what}: until all are`, value: ms, unit: "ms", note: `${callsOf(stage) - before} SOAP calls` },
    { what: `${what}: failures`, value: failures, unit: "", goal: atMost(0) },
    { what: `${what}: connections`, value: stage.proxy.takePeak(), unit: "", goal: atMost(maxConnections) },
  ];
}

async function failuresOf(
  consoles: readonly SessionConsole[],
  request: (console: SessionConsole) => Promise<unknown>,
): Promise<number> {
  const results = await Promise.allSettled(consoles.map(request));
  return results.filter(({ status }) => status === "rejected").length;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await isSo()) && performance.now() < end) {
    await pause(5);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
