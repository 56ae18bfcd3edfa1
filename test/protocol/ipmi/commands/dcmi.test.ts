import assert from "node:assert/strict";
import { test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { MachineError } from "../../../../src/model/machine/errors.js";
import { type Console, openConsole } from "../../../support/administrator.js";
import { ipmi15Packet, lanRequest, openIpmi15Packet, readLanResponse } from "../../../support/packets.js";
import { createTestBmc, logIn, type TestBmc } from "../../../support/testBmc.js";

const group = 0x2c;
const dcmi = 0xdc;

function createMeasuredBmc(): TestBmc {
  const bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  bmc.machine.live = { powerWatts: 36 };
  return bmc;
}

const text = (words: string): number[] => [...Buffer.from(words)];

async function ask(console: Console, command: number, request: readonly number[]): Promise<number[]> {
  const [body, ...data] = await console.data(group, command, [dcmi, ...request]);
  assert.equal(body, dcmi, "the response repeats the body code");
  return data;
}

/** What clients ask of bodies that are not DCMI (PICMG, VITA). */
for (const [command, data] of [
  [0x3e, [0x00, 0x02]],
  [0x00, [0x00]],
  [0x00, [0x03]],
  [0x01, [0x00]],
  [0x02, [0x00, 1, 0, 0]],
  [0x06, []],
] as const) {
  test(`group command ${command.toString(16)}h of body ${data[0] ?? "none"} is C1h, at any privilege`, async () => {
    assert.equal((await logIn(createTestBmc()).request(group, command, data)).code, 0xc1);
    assert.equal(await (await openConsole()).code(group, command, data), 0xc1);
  });
}

/** [parameter, data behind conformance 1.5 and revision 2] */
for (const [parameter, expected] of [
  [1, [0, 1, 0]],
  [2, [0xff, 0xaf, 0, 0, 0]],
  [3, [0x20, 0]],
  [4, [1, 0xff, 0xff]],
  [5, [0]],
] as const) {
  test(`DCMI capability parameter ${parameter} (DCMI 1.5 table 6-3)`, async () => {
    const console = await openConsole(createMeasuredBmc());
    assert.deepEqual(await ask(console, 0x01, [parameter]), [1, 5, 2, ...expected]);
  });
}

test("power management is no capability where power is not measured", async () => {
  const console = await openConsole();
  assert.deepEqual(await ask(console, 0x01, [1]), [1, 5, 2, 0, 0, 0]);
  assert.equal(await console.code(group, 0x01, [dcmi, 9]), 0xc9);
});

test("capabilities need no session, and asking for them without one asks vSphere nothing (DCMI 1.5 §6.1.1)", async () => {
  const bmc = createMeasuredBmc();
  bmc.machine.statistics = () => assert.fail("asked");
  const reply = await bmc.ask(ipmi15Packet(lanRequest(group, 0x01, [dcmi, 1])));
  const answer = readLanResponse(openIpmi15Packet(reply));
  assert.deepEqual([answer.code, ...answer.data], [0, dcmi, 1, 5, 2, 0, 0, 0]);
});

test("Get Power Reading: present, least, most and mean of the readings since the first (DCMI 1.5 §6.6.1)", async () => {
  const bmc = createMeasuredBmc();
  const console = await openConsole(bmc);
  const reading = [36, 0, 36, 0, 36, 0, 36, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0, 0x40];
  assert.deepEqual(await ask(console, 0x02, [1, 0, 0]), reading);
  bmc.machine.live = { powerWatts: 300 };
  bmc.now += 2_000;
  const later = [0x2c, 1, 36, 0, 0x2c, 1, 168, 0, 0xea, 3, 0, 0, 0xd0, 7, 0, 0, 0x40];
  assert.deepEqual(await ask(console, 0x02, [1, 0, 0]), later);
  assert.equal(await console.code(group, 0x02, [dcmi, 2, 0, 0]), 0xcc);
});

test("Get Power Reading says that no measurement is active where vSphere does not tell the power (table 6-16)", async () => {
  const inactive = [0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0, 0x00];
  const bmc = createMeasuredBmc();
  const console = await openConsole(bmc);
  bmc.machine.live = { cpuUsageMhz: 100 };
  assert.deepEqual(await ask(console, 0x02, [1, 0, 0]), inactive, "a host without a counter");
  bmc.machine.live = { powerWatts: 36 };
  bmc.machine.state = "poweredOff";
  assert.deepEqual(await ask(console, 0x02, [1, 0, 0]), inactive, "a VM that is off");
  bmc.machine.failure = new MachineError("unavailable", "away");
  assert.deepEqual(await ask(console, 0x02, [1, 0, 0]), inactive, "vCenter is away");
});

test("there is no power limit, and none can be set (DCMI 1.5 §6.6.2-4)", async () => {
  const { session } = await openConsole();
  const limit = await session.request(group, 0x03, [dcmi, 0, 0]);
  assert.deepEqual([limit.code, limit.data.length, limit.data[0]], [0x80, 14, dcmi]);
  const noLimit = Array<number>(14).fill(0);
  assert.equal((await session.request(group, 0x04, [dcmi, ...noLimit.with(4, 100)])).code, 0xd5);
  assert.equal((await session.request(group, 0x05, [dcmi, 1, 0, 0])).code, 0xd5);
  assert.equal((await session.request(group, 0x04, [dcmi, ...noLimit])).code, 0, "what ipmi-config read");
  assert.equal((await session.request(group, 0x05, [dcmi, 0, 0, 0])).code, 0);
});

test("the asset tag is set and read in pieces, and is the FRU inventory's (DCMI 1.5 §6.4.2-3)", async () => {
  const storage = createInMemoryStorage();
  const bmc = createTestBmc({ storage });
  const console = await openConsole(bmc);
  assert.deepEqual(await ask(console, 0x06, [0, 16]), [0]);
  assert.deepEqual(await ask(console, 0x08, [0, 16, ...text("sixteen letters!")]), [16]);
  assert.deepEqual(await ask(console, 0x08, [16, 4, ...text("more")]), [20]);
  assert.deepEqual(await ask(console, 0x06, [0, 16]), [20, ...text("sixteen letters!")]);
  assert.deepEqual(await ask(console, 0x06, [16, 16]), [20, ...text("more")]);
  assert.ok((await bmc.bmc.fru.read()).includes("sixteen letters!more"));
  assert.deepEqual(await ask(console, 0x08, [0, 3, ...text("new")]), [3]);
  assert.equal(createTestBmc({ storage }).bmc.asset.tag().toString(), "new");
});

test("the identifier of the controller is DCMI and the MAC address until it is set (DCMI 1.5 §6.4.6)", async () => {
  const storage = createInMemoryStorage();
  const console = await openConsole(createTestBmc({ storage }));
  assert.deepEqual(await ask(console, 0x09, [0, 16]), [21, ...text("DCMI02:00:00:11:")]);
  assert.deepEqual(await ask(console, 0x09, [16, 16]), [21, ...text("22:33"), ...Array<number>(11).fill(0)]);
  assert.deepEqual(await ask(console, 0x0a, [0, 5, ...text("lab1"), 0]), [5]);
  assert.deepEqual(await ask(console, 0x09, [0, 6]), [4, ...text("lab1"), 0, 0]);
  assert.equal(createTestBmc({ storage }).bmc.asset.controllerId().toString(), "lab1");
});

/** [command, data, completion code] */
const refusals: readonly (readonly [string, number, readonly number[], number])[] = [
  ["Get Asset Tag of 17 bytes", 0x06, [0, 17], 0xc9],
  ["Get Asset Tag at 63", 0x06, [63, 1], 0xc9],
  ["Get Asset Tag across the end", 0x06, [60, 4], 0xc9],
  ["Set Asset Tag with a gap", 0x08, [4, 1, 0x41], 0xc9],
  ["Set Asset Tag with another count than bytes", 0x08, [0, 3, 0x41], 0xc7],
  ["Set Controller ID beyond 64 bytes", 0x0a, [60, 5, 1, 2, 3, 4, 5], 0xc9],
  ["Get DCMI Sensor Info of voltages", 0x07, [2, 0x40, 0, 0], 0xcc],
  ["Get Thermal Limit", 0x0c, [0x40, 1], 0xcb],
  ["Set Thermal Limit", 0x0b, [0x40, 1, 0, 30, 0, 0], 0xcb],
  ["Set DCMI Configuration Parameters", 0x12, [2, 0, 1], 0x82],
  ["Get DCMI Configuration Parameters of no parameter", 0x13, [9, 0], 0x80],
];

for (const [name, command, data, code] of refusals) {
  test(`${name} is answered with ${code.toString(16)}h`, async () => {
    assert.equal(await (await openConsole()).code(group, command, [dcmi, ...data]), code);
  });
}

test("there are no temperatures (DCMI 1.5 §6.5.2, §6.7.3)", async () => {
  const console = await openConsole();
  for (const entity of [0x40, 0x41, 0x42, 0x37, 0x03, 0x07]) {
    assert.deepEqual(await ask(console, 0x07, [1, entity, 0, 0]), [0, 0]);
    assert.deepEqual(await ask(console, 0x10, [1, entity, 0, 0]), [0, 0]);
  }
});

test("configuration parameters are those of a BMC without DHCP (DCMI 1.5 table 6-6)", async () => {
  const console = await openConsole();
  assert.deepEqual(await ask(console, 0x13, [1, 0]), [1, 5, 1, 0]);
  assert.deepEqual(await ask(console, 0x13, [5, 0]), [1, 5, 1, 64, 0]);
});
