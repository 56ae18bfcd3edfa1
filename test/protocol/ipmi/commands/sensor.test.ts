import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { scaleFor, squareScale, toRaw } from "../../../../src/model/bmc/sensors/sensor.js";
import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { commands } from "../../../../src/protocol/ipmi/commands/index.js";
import { type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../../support/testBmc.js";

const storage = 0x0a;
const sensorEvent = 0x04;
const live = {
  cpuUsageMhz: 3_640,
  guestMemoryUsageMb: 512,
  hostMemoryUsageMb: 1_800,
  uptimeSeconds: 4 * 3_600,
  diskUsageKbps: 640,
  networkUsageKbps: 95,
  powerWatts: 36,
};
const known = {
  cpuCapacityMhz: 5_200,
  memorySizeMb: 4_096,
  overallStatus: "yellow",
  guestHeartbeatStatus: "green",
  toolsRunning: true,
} as const;

/** A BMC whose VM is on, with all that vSphere can tell. */
function createBusyBmc(): TestBmc {
  const bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  bmc.machine.known = known;
  bmc.machine.live = live;
  bmc.push();
  return bmc;
}

async function readRecord(console: Console, id: number): Promise<string> {
  const data = await console.data(storage, 0x23, [0, 0, id, 0, 0, 0xff]);
  return Buffer.from(data.slice(2)).toString("hex");
}

async function reading(console: Console, number: number): Promise<string> {
  return Buffer.from(await console.data(sensorEvent, 0x2d, [number])).toString("hex");
}

const hexName = (name: string): string => Buffer.from(name).toString("hex");

test("the record of the BMC itself is a Management Controller Device Locator (§43.9)", async () => {
  const console = await openConsole(createBusyBmc());
  assert.equal(await readRecord(console, 0), `0100511217` + `20002` + `09f000000070100cc` + hexName("vbmc4vsphere"));
});

test("its capabilities are those of Get Device ID: chassis, events, FRU, SEL, SDR and sensors (§20.1)", async () => {
  const console = await openConsole(createBusyBmc());
  const deviceId = await console.data(0x06, 0x01);
  assert.equal(deviceId[5], 0x9f);
});

test("CPU usage is a full record: percent, half a percent a step, warnings at 90 and 98 (§43.1)", async () => {
  const console = await openConsole(createBusyBmc());
  const expected = [
    "0900 51 01 34 20 00 10 03 01 01 47 0b 01 0000 0030 1800 01 00 00",
    // Linear; M 5, B 0, result exponent -1.
    "00 05 00 00 00 00 f0 00 00 00 00 ff 00",
    // Upper non-recoverable, critical 98 %, non-critical 90 %.
    "00 c4 b4 00 00 00 00 00 0000 00 c9",
  ];
  assert.equal(await readRecord(console, 9), expected.join("").replace(/ /g, "") + hexName("CPU Usage"));
});

test("scales follow the VM: memory in steps of 20 MB for 4 GB, the clock rate in steps of 50 MHz for 5.2 GHz", async () => {
  const console = await openConsole(createBusyBmc());
  const memory = await readRecord(console, 11);
  assert.equal(memory.slice(2 * 20, 2 * 30), "004800" + "00" + "14000000" + "0000");
  const rate = await readRecord(console, 10);
  assert.equal(rate.slice(2 * 20, 2 * 30), "001300" + "00" + "32000000" + "0060");
});

test("the disk rate is in KB per second, squared (§36.3)", async () => {
  const record = await readRecord(await openConsole(createBusyBmc()), 14);
  assert.equal(record.slice(2 * 20, 2 * 30), "184700" + "08" + "05000000" + "0000");
});

test("the power unit is a compact record with its events (§43.2)", async () => {
  const console = await openConsole(createBusyBmc());
  const expected = "0200 51 02 25 20 00 01 13 01 03 42 09 6f 2300 0100 0100 c0 00 00 01 00 00 00 000000 00 ca";
  assert.equal(await readRecord(console, 2), expected.replace(/ /g, "") + hexName("Power Unit"));
});

test("what has only events is an event-only record (§43.3)", async () => {
  const console = await openConsole(createBusyBmc());
  assert.equal(
    await readRecord(console, 0x11),
    "110051030f" + "20003006" + "0128070100" + "0000" + "c3" + hexName("BMC"),
  );
});

for (const size of [5, 16, 255]) {
  test(`the repository read in pieces of ${size} bytes is the same as in whole records (§33.12)`, async () => {
    const console = await openConsole(createBusyBmc());
    const [low = 0, high = 0] = await console.data(storage, 0x22);
    let id = 0;
    let count = 0;
    do {
      const request = (offset: number, bytes: number): number[] => [low, high, id & 0xff, id >> 8, offset, bytes];
      const header = await console.data(storage, 0x23, request(0, 5));
      const length = 5 + header[6]!;
      const pieces: number[] = [];
      for (let offset = 0; offset < length; offset += size) {
        pieces.push(...(await console.data(storage, 0x23, request(offset, size))).slice(2));
      }
      assert.equal(Buffer.from(pieces).toString("hex"), await readRecord(console, id));
      id = header[0]! | (header[1]! << 8);
      count++;
    } while (id !== 0xffff);
    const info = await console.data(storage, 0x20);
    assert.deepEqual(info.slice(0, 5), [0x51, count, 0, 0, 0]);
    assert.equal(info[13], 0x03);
  });
}

test("Get SDR refuses wrong reservations, records and offsets (§33.12)", async () => {
  const console = await openConsole(createBusyBmc());
  assert.equal(await console.code(storage, 0x23, [9, 9, 1, 0, 5, 1]), 0xc5);
  assert.equal(await console.code(storage, 0x23, [0, 0, 99, 0, 0, 0xff]), 0xcb);
  const reservation = await console.data(storage, 0x22);
  assert.equal(await console.code(storage, 0x23, [...reservation, 1, 0, 28, 1]), 0xc9);
  assert.equal(await console.code(storage, 0x23, [0, 0, 1, 0, 0]), 0xc7);
});

test("another scale changes the repository: its time, and the reservations are void (§33.9)", async () => {
  const bmc = createBusyBmc();
  const console = await openConsole(bmc);
  const reservation = await console.data(storage, 0x22);
  const before = (await console.data(storage, 0x20)).slice(5, 9);
  bmc.now += 30_000;
  bmc.machine.known = { ...known, memorySizeMb: 4_100 };
  bmc.push();
  assert.equal(await console.code(storage, 0x23, [...reservation, 1, 0, 5, 1]), 0, "the scale is the same");
  bmc.machine.known = { ...known, memorySizeMb: 65_536 };
  bmc.push();
  await Promise.resolve();
  assert.equal(await console.code(storage, 0x23, [...reservation, 1, 0, 5, 1]), 0xc5);
  assert.notDeepEqual((await console.data(storage, 0x20)).slice(5, 9), before);
});

test("the repository keeps its time over a restart, so that clients keep their copies", async () => {
  const disk = createInMemoryStorage();
  let count = 0;
  const timeOf = async (): Promise<number[]> => {
    const bmc = createTestBmc({ storage: disk });
    bmc.machine.known = known;
    bmc.now += count++ * 1_000_000;
    bmc.push();
    await new Promise((resolve) => setImmediate(resolve));
    return (await (await openConsole(bmc)).data(storage, 0x20)).slice(5, 9);
  };
  const first = await timeOf();
  assert.notDeepEqual(first, [0xff, 0xff, 0xff, 0xff]);
  assert.deepEqual(await timeOf(), first);
});

describe("the time of the repository (§33.9), by which FreeIPMI knows whether its copy holds", () => {
  const repositoryTime = async (bmc: TestBmc): Promise<number> =>
    Buffer.from(await (await openConsole(bmc)).data(storage, 0x20)).readUInt32LE(5);
  const seen = async (bmc: TestBmc, cpuCapacityMhz: number): Promise<number> => {
    bmc.machine.known = { ...known, cpuCapacityMhz };
    bmc.pass(5_000);
    bmc.push();
    await new Promise((resolve) => setImmediate(resolve));
    return repositoryTime(bmc);
  };

  test("before vSphere has told anything it stands for the records themselves, also where nothing can be kept", async () => {
    const first = createTestBmc();
    const second = createTestBmc();
    second.now += 1_000_000;
    assert.notEqual(await repositoryTime(first), 0xffff_ffff);
    assert.equal(await repositoryTime(second), await repositoryTime(first));
  });

  test("what another version kept of other records is another time", async () => {
    const disk = createInMemoryStorage();
    const time = await seen(createTestBmc({ storage: disk }), 5_200);
    const kept = disk.read("sdr") as Record<string, unknown>;
    await disk.write("sdr", { ...kept, layout: "00000000" });
    const upgraded = createTestBmc({ storage: disk });
    assert.notEqual(await seen(upgraded, 5_200), time);
  });

  test("a VM that moves between hosts of different speeds keeps its scale, one that shrinks to a quarter does not", async () => {
    const bmc = createBusyBmc();
    const time = await seen(bmc, 10_400);
    assert.equal(await seen(bmc, 9_200), time);
    assert.equal(await seen(bmc, 10_400), time);
    assert.notEqual(await seen(bmc, 2_600), time);
  });
});

/** [sensor, reading of a VM that is on, of one that is off] */
const readings: readonly (readonly [string, number, string, string])[] = [
  ["power unit", 0x01, "00c00080", "00c00180"],
  ["ACPI state", 0x07, "00c00180", "00c02080"],
  ["VM health (yellow: non-critical)", 0x02, "00c00280", "00c00280"],
  ["guest heartbeat", 0x03, "00c00180", "00e00000"],
  ["VMware Tools", 0x04, "00c00180", "00e00000"],
  ["watchdog", 0x05, "00c00080", "00c00080"],
  ["SEL", 0x06, "00c00080", "00c00080"],
  ["CPU usage, 70 %", 0x10, "8cc0c0", "00e00000"],
  ["CPU rate, 3.64 GHz", 0x11, "49c0c0", "00e00000"],
  ["memory active, 512 MB", 0x12, "1ac0c0", "00e00000"],
  ["memory consumed, 1,800 MB", 0x13, "5ac0c0", "00e00000"],
  ["uptime, 4 h", 0x14, "02c0c0", "00e00000"],
  ["disk rate, 640 KB/s", 0x15, "05c0c0", "00e00000"],
  ["network rate, 95 KB/s", 0x16, "02c0c0", "00e00000"],
  ["power, 36 W", 0x17, "09c0c0", "00e00000"],
];

for (const [name, number, on, off] of readings) {
  test(`Get Sensor Reading of ${name} (§35.14)`, async () => {
    const bmc = createBusyBmc();
    const console = await openConsole(bmc);
    assert.equal(await reading(console, number), on);
    bmc.machine.state = "poweredOff";
    assert.equal(await reading(console, number), off);
  });
}

test("a value that vSphere does not tell is unavailable, the others are not", async () => {
  const bmc = createBusyBmc();
  bmc.machine.live = { cpuUsageMhz: 120 };
  const console = await openConsole(bmc);
  assert.equal(await reading(console, 0x17), "00e00000");
  assert.equal(await reading(console, 0x10), "05c0c0");
});

test("while vCenter is away all readings are unavailable, and none is an error", async () => {
  const bmc = createBusyBmc();
  bmc.machine.live = undefined;
  const console = await openConsole(bmc);
  assert.equal(await reading(console, 0x10), "00e00000");
});

test("states are read without asking vSphere anything", async () => {
  const bmc = createBusyBmc();
  bmc.machine.statistics = () => assert.fail("asked");
  const console = await openConsole(bmc);
  assert.equal(await reading(console, 0x02), "00c00280");
});

test("a CPU at its limit is above its thresholds (§35.14)", async () => {
  const bmc = createBusyBmc();
  const console = await openConsole(bmc);
  bmc.machine.live = { ...live, cpuUsageMhz: 4_700 };
  assert.equal(await reading(console, 0x10), "b5c0c8");
  bmc.machine.live = { ...live, cpuUsageMhz: 20_000 };
  assert.equal(await reading(console, 0x10), "ffc0d8", "and its reading stays at the end of the scale");
});

test("thresholds, hysteresis, event enables, type and factors as the records say (§35.5-16)", async () => {
  const console = await openConsole(createBusyBmc());
  assert.deepEqual(await console.data(sensorEvent, 0x27, [0x10]), [0x18, 0, 0, 0, 0xb4, 0xc4, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x27, [0x12]), [0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x25, [0x10, 0xff]), [0, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x29, [0x01]), [0xc0, 0x23, 0, 0x01, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x29, [0x10]), [0x40, 0, 0, 0, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x2b, [0x02]), [0xc0, 0x02, 0, 0, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x2f, [0x02]), [0x28, 0x07]);
  assert.deepEqual(await console.data(sensorEvent, 0x2f, [0x10]), [0x0b, 0x01]);
  assert.deepEqual(await console.data(sensorEvent, 0x23, [0x10, 7]), [7, 5, 0, 0, 0, 0, 0xf0]);
});

/** [command, data, completion code] */
const refusals: readonly (readonly [string, number, readonly number[], number])[] = [
  ["Get Sensor Reading of no sensor", 0x2d, [0x77], 0xcb],
  ["Get Sensor Reading of what has only events", 0x2d, [0x30], 0xcb],
  ["Get Sensor Thresholds of a sensor with states", 0x27, [0x01], 0xcd],
  ["Get Sensor Hysteresis of a sensor with states", 0x25, [0x01, 0xff], 0xcd],
  ["Set Sensor Thresholds", 0x26, [0x10, 0x18, 0, 0, 0, 1, 2, 3], 0xcd],
  ["Set Sensor Hysteresis", 0x24, [0x10, 0xff, 1, 1], 0xcd],
  ["Set Sensor Event Enable", 0x28, [0x10, 0], 0xcd],
  ["Set Sensor Type", 0x2e, [0x10, 1, 1], 0xcd],
  ["Get Sensor Reading without a number", 0x2d, [], 0xc7],
];

for (const [name, command, data, code] of refusals) {
  test(`${name} is answered with ${code.toString(16)}h`, async () => {
    assert.equal(await (await openConsole(createBusyBmc())).code(sensorEvent, command, data), code);
  });
}

test("the device SDRs are those of the repository (§35.2-4)", async () => {
  const console = await openConsole(createBusyBmc());
  assert.deepEqual(await console.data(sensorEvent, 0x20), [16, 1]);
  assert.deepEqual(await console.data(sensorEvent, 0x20, [1]), [23, 1]);
  const reservation = await console.data(sensorEvent, 0x22);
  const request = [...reservation, 2, 0, 0, 0xff];
  assert.deepEqual(await console.data(sensorEvent, 0x21, request), await console.data(storage, 0x23, request));
});

test("Platform Event puts the event into the SEL, with or without a generator (§29.3)", async () => {
  const bmc = createBusyBmc();
  const console = await openConsole(bmc);
  await console.data(sensorEvent, 0x02, [0x04, 0x01, 0x30, 0x01, 0x59, 0x00, 0x00]);
  await console.data(sensorEvent, 0x02, [0x41, 0x04, 0x01, 0x30, 0x01, 0x59, 0x00, 0x00]);
  assert.equal(bmc.bmc.sel.first()?.toString("hex", 7), "81000401300159" + "0000");
  assert.equal(bmc.bmc.sel.last()?.toString("hex", 7), "41000401300159" + "0000");
  assert.deepEqual(await console.data(sensorEvent, 0x01), [0x20, 0]);
});

test("scales reach what they are for in the finest step, and M never needs more than 9 bits", () => {
  for (const [maximum, m, exponent] of [
    [1, 1, 0],
    [255, 1, 0],
    [256, 2, 0],
    [16_384, 100, 0],
    [127_501, 100, 1],
    [24 * 1024 * 1024, 500, 1],
  ] as const) {
    assert.deepEqual(scaleFor(maximum), { linearization: "linear", m, exponent });
  }
  assert.deepEqual(
    [0, 25, 640, 1e9].map((value) => toRaw(value, squareScale(5))),
    [0, 1, 5, 255],
  );
});

test("no two commands have the same number", () => {
  const numbers = commands.map(({ netFn, command, group }) => `${netFn} ${group ?? ""} ${command}`);
  assert.deepEqual(
    numbers.filter((number, index) => numbers.indexOf(number) !== index),
    [],
  );
});

test("the uptime survives a vMotion, which lets vSphere's own begin again, and needs no boot time", async () => {
  const bmc = createBusyBmc();
  const console = await openConsole(bmc);
  const [fourHours] = await console.data(sensorEvent, 0x2d, [0x14]);
  bmc.machine.live = { ...live, uptimeSeconds: 60 };
  bmc.machine.bootTime = new Date(bmc.now - 4 * 3_600_000).toISOString();
  assert.deepEqual((await console.data(sensorEvent, 0x2d, [0x14]))[0], fourHours);
});
