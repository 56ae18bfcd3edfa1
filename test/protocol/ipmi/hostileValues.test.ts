/** Whatever numbers and texts vSphere tells of a VM: every command that reads has an answer, and none is FFh. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { MachineSnapshot } from "../../../src/model/machine/snapshot.js";
import type { MachineStatistics } from "../../../src/model/machine/statistics.js";
import { openConsole } from "../../support/administrator.js";
import { createTestBmc } from "../../support/testBmc.js";

const numbers = [0, -0, -1, -1e9, 0.5, NaN, Infinity, -Infinity, 2 ** 16, 2 ** 31, 2 ** 32, 1e15, 1e308];
const texts = [
  "",
  "\0",
  "\ud800",
  "é".repeat(300),
  "x".repeat(70_000),
  "a\nb\x1b[31m",
  "not a date",
  "0001-01-01T00:00:00Z",
];

const usual: MachineStatistics = {
  cpuUsageMhz: 1,
  guestMemoryUsageMb: 1,
  hostMemoryUsageMb: 1,
  uptimeSeconds: 1,
  diskUsageKbps: 1,
  networkUsageKbps: 1,
  powerWatts: 1,
  hostName: "esx-01",
};
const snapshotNumbers = ["cpuCount", "memorySizeMb", "cpuCapacityMhz"] as const;
const snapshotTexts = ["name", "biosUuid", "guestFullName", "guestHostName", "hardwareVersion", "bootTime"] as const;

type Request = readonly [netFn: number, command: number, data: readonly number[]];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What tells values that come from vSphere. */
const requests: readonly Request[] = [
  [0x00, 0x01, []],
  [0x00, 0x07, []],
  [0x00, 0x0f, []],
  [0x04, 0x20, []],
  ...upTo(0x20).flatMap((sensor): Request[] => [
    [0x04, 0x2d, [sensor]],
    [0x04, 0x27, [sensor]],
    [0x04, 0x23, [sensor, 0]],
  ]),
  ...upTo(0x20).map((record): Request => [0x0a, 0x23, [0, 0, record, 0, 0, 0xff]]),
  [0x06, 0x01, []],
  [0x06, 0x08, []],
  [0x06, 0x37, []],
  ...upTo(8).flatMap((parameter): Request[] => [0, 1].map((block) => [0x06, 0x59, [0, parameter, block, 0]])),
  ...upTo(3).flatMap((device): Request[] => [
    [0x0a, 0x10, [device]],
    [0x0a, 0x11, [device, 0, 0, 0x10]],
  ]),
  [0x0a, 0x20, []],
  [0x0a, 0x43, [0, 0, 0xff, 0xff, 0, 0xff]],
  [0x2c, 0x02, [0xdc, 1, 0, 0]],
  [0x2c, 0x06, [0xdc, 0, 16]],
  [0x2c, 0x07, [0xdc, 1, 0x40, 0, 0]],
];

async function readAll(what: string, snapshot: Partial<MachineSnapshot>, statistics: MachineStatistics): Promise<void> {
  const bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  Object.assign(bmc.machine, { known: snapshot, live: statistics }, snapshot);
  bmc.push();
  const console = await openConsole(bmc);
  for (const [netFn, command, data] of requests) {
    const code = await console.code(netFn, command, data);
    assert.notEqual(code, 0xff, `${what}: ${netFn.toString(16)}/${command.toString(16)} ${data.join(" ")}`);
  }
}

for (const value of numbers) {
  test(`${value} is what one number after the other gives`, async () => {
    for (const name of Object.keys(usual).filter((each) => each !== "hostName")) {
      await readAll(name, {}, { ...usual, [name]: value });
    }
    for (const name of snapshotNumbers) {
      await readAll(name, { [name]: value }, usual);
    }
  });
}

for (const text of texts) {
  test(`${JSON.stringify(text).slice(0, 20)} is what one text after the other gives`, async () => {
    await readAll("hostName", {}, { ...usual, hostName: text });
    for (const name of snapshotTexts) {
      await readAll(name, { [name]: text }, usual);
    }
  });
}

test("nothing is reported at all", async () => {
  await readAll("nothing", {}, {});
});
