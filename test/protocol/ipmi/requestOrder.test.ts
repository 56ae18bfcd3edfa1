import assert from "node:assert/strict";
import { test } from "node:test";

import { createTestBmc, logIn } from "../../support/testBmc.js";

const chassis = 0x00;
const app = 0x06;

test("requests of one session are answered in order, and one that waits for the machine delays only itself", async () => {
  const bmc = createTestBmc();
  const session = logIn(bmc);
  await session.request(app, 0x3b, [4]);
  let release = (): void => undefined;
  bmc.machine.gate = new Promise((resolve) => (release = resolve));
  const answered: string[] = [];
  const ask = async (name: string, ...request: Parameters<typeof session.packet>): Promise<void> => {
    const { code } = session.read(await bmc.ask(session.packet(...request)));
    answered.push(`${name} ${code}`);
  };
  const powerOn = ask("power on", chassis, 0x02, [1]);
  await Promise.all([
    ask("device id", app, 0x01),
    ask("chassis capabilities", chassis, 0x00),
    ask("channel access", app, 0x41, [1, 0x80]),
  ]);
  assert.deepEqual(answered, ["device id 0", "chassis capabilities 0", "channel access 0"]);
  assert.deepEqual(bmc.machine.operations, ["on"]);
  release();
  await powerOn;
  assert.equal(answered.at(-1), "power on 0");
});
