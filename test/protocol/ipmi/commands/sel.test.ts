import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { StorageError } from "../../../../src/model/bmc/state/storage.js";
import { MachineError } from "../../../../src/model/machine/errors.js";
import { createInMemoryJournal } from "../../../../src/model/sel/journal.js";
import { chassis, type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc, logIn, type TestBmc } from "../../../support/testBmc.js";

const storage = 0x0a;
const oemRecord = [0x00, 0x00, 0xe0, ...Array<number>(13).fill(0x5a)];

/** All records as hex without ID and time. */
function recordsOf({ bmc }: TestBmc): string[] {
  const records: string[] = [];
  for (let id = bmc.sel.first()?.readUInt16LE(0); id !== undefined; id = bmc.sel.idAfter(id)) {
    const record = bmc.sel.find(id)!;
    records.push(record.toString("hex", 2, 3) + record.toString("hex", 7));
  }
  return records;
}

async function reserve(session: Console): Promise<number[]> {
  return session.data(storage, 0x42);
}

test("Get SEL Info and Allocation Info of a log with one record (§31.2-3)", async () => {
  const session = await openConsole();
  assert.deepEqual(
    await session.data(storage, 0x40),
    [0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0b],
  );
  assert.deepEqual(await session.data(storage, 0x44, oemRecord), [1, 0]);
  // 4,095 records are free; the clock of the test stands at 1,000 s = 3E8h.
  assert.deepEqual(
    await session.data(storage, 0x40),
    [0x51, 1, 0, 0xf0, 0xff, 0xe8, 0x03, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0b],
  );
  assert.deepEqual(await session.data(storage, 0x41), [0x00, 0x10, 16, 0, 0xff, 0x0f, 0xff, 0x0f, 1]);
});

test("Add SEL Entry numbers the record and stamps it, but not OEM types from E0h on (§31.6.1)", async () => {
  const session = await openConsole();
  await session.data(storage, 0x44, oemRecord);
  await session.data(storage, 0x44, [9, 9, 2, 0, 0, 0, 0, 0x20, 0, 4, 1, 2, 0x6f, 3, 4, 5]);
  assert.deepEqual(await session.data(storage, 0x43, [0, 0, 0, 0, 0, 0xff]), [2, 0, 1, 0, ...oemRecord.slice(2)]);
  assert.deepEqual(
    await session.data(storage, 0x43, [0, 0, 0xff, 0xff, 0, 0xff]),
    [0xff, 0xff, 2, 0, 2, 0xe8, 0x03, 0, 0, 0x20, 0, 4, 1, 2, 0x6f, 3, 4, 5],
  );
  assert.equal(await session.code(storage, 0x44, oemRecord.slice(1)), 0xc7);
});

test("Get SEL Entry gives parts of a record under a reservation, and refuses what is not there (§31.5)", async () => {
  const session = await openConsole();
  assert.equal(await session.code(storage, 0x43, [0, 0, 0, 0, 0, 0xff]), 0xcb, "the log is empty");
  await session.data(storage, 0x44, oemRecord);
  const reservation = await reserve(session);
  assert.deepEqual(await session.data(storage, 0x43, [...reservation, 1, 0, 2, 3]), [0xff, 0xff, 0xe0, 0x5a, 0x5a]);
  assert.equal(await session.code(storage, 0x43, [0x77, 0x77, 1, 0, 2, 3]), 0xc5);
  assert.equal(await session.code(storage, 0x43, [...reservation, 1, 0, 16, 0xff]), 0xc9);
  assert.equal(await session.code(storage, 0x43, [...reservation, 1, 0, 10, 7]), 0xc9);
  assert.equal(await session.code(storage, 0x43, [0, 0, 2, 0, 0, 0xff]), 0xcb);
});

test("Partial Add SEL Entry is not there, as Get SEL Info says (§31.7)", async () => {
  const session = await openConsole();
  assert.equal(await session.code(storage, 0x45, [0, 0, 0, 0, 0, 0, ...oemRecord]), 0xc1);
});

test("Delete SEL Entry needs a reservation, and ends it (§31.8)", async () => {
  const session = await openConsole();
  await session.data(storage, 0x44, oemRecord);
  await session.data(storage, 0x44, oemRecord);
  const reservation = await reserve(session);
  assert.equal(await session.code(storage, 0x46, [0, 0, 1, 0]), 0xc5);
  assert.deepEqual(await session.data(storage, 0x46, [...reservation, 1, 0]), [1, 0]);
  assert.equal(await session.code(storage, 0x46, [...reservation, 2, 0]), 0xc5);
  assert.equal(await session.code(storage, 0x46, [...(await reserve(session)), 1, 0]), 0xcb);
  assert.equal(session.bmc.bmc.sel.count(), 1);
});

test("a reservation is void after a new one, an added record, a deleted one and a cold reset (C5h, §31.4.2)", async () => {
  let session = await openConsole();
  const other = await openConsole(session.bmc);
  await session.data(storage, 0x44, oemRecord);
  const isVoid = async (reservation: readonly number[]): Promise<boolean> =>
    (await session.code(storage, 0x43, [...reservation, 1, 0, 1, 2])) === 0xc5;
  const endings: readonly (readonly [string, () => unknown])[] = [
    ["the holder reserves again", () => session.data(storage, 0x42)],
    ["another session reserves", () => other.data(storage, 0x42)],
    ["a record is added", () => other.data(storage, 0x44, oemRecord)],
    ["a record is deleted", async () => other.data(storage, 0x46, [...(await reserve(other)), 2, 0])],
    [
      "the BMC is reset",
      async () => {
        session.bmc.bmc.coldReset();
        // It ends all sessions.
        session = await openConsole(session.bmc);
      },
    ],
  ];
  for (const [what, end] of endings) {
    const reservation = await reserve(session);
    assert.equal(await isVoid(reservation), false, what);
    await end();
    assert.equal(await isVoid(reservation), true, what);
  }
});

test("Clear SEL leaves one record, which says that it was cleared, and by whom (§31.9)", async () => {
  const session = await openConsole();
  await session.data(storage, 0x44, oemRecord);
  const reservation = await reserve(session);
  const clear = (operation: number, word = "CLR"): number[] => [...reservation, ...Buffer.from(word), operation];
  assert.equal(await session.code(storage, 0x47, [0, 0, ...Buffer.from("CLR"), 0xaa]), 0xc5);
  assert.equal(await session.code(storage, 0x47, clear(0xaa, "CLS")), 0xcc);
  assert.equal(await session.code(storage, 0x47, clear(0x55)), 0xcc);
  assert.deepEqual(await session.data(storage, 0x47, clear(0xaa)), [1]);
  assert.deepEqual(await session.data(storage, 0x47, clear(0x00)), [1], "the status of the erasure");
  assert.deepEqual(recordsOf(session.bmc), ["02200004" + "10066f02ffff"]);
});

test("SEL time is the host's until it is set, and its UTC offset is kept (§31.10-11b)", async () => {
  const session = await openConsole();
  assert.deepEqual(await session.data(storage, 0x48), [0xe8, 0x03, 0, 0]);
  assert.deepEqual(await session.data(storage, 0x49, [0x00, 0x10, 0, 0]), []);
  session.bmc.now += 5_000;
  assert.deepEqual(await session.data(storage, 0x48), [0x05, 0x10, 0, 0]);
  assert.deepEqual(await session.data(storage, 0x5c), [0, 0]);
  assert.deepEqual(await session.data(storage, 0x5d, [0xc4, 0xff]), []);
  assert.deepEqual(await session.data(storage, 0x5c), [0xc4, 0xff]);
  assert.equal(await session.code(storage, 0x5d, [0xa1, 0x05]), 0xcc, "1,441 minutes");
  assert.equal(await session.code(storage, 0x5d, [0xff, 0x07]), 0, "unspecified");
});

test("there is no auxiliary log (§31.12)", async () => {
  assert.equal(await (await openConsole()).code(storage, 0x5a, [0]), 0xcc);
});

test("a USER reads the log and changes nothing (Appendix G)", async () => {
  const bmc = createTestBmc();
  const { request } = logIn(bmc);
  assert.equal((await request(storage, 0x40)).code, 0);
  for (const [command, data] of [
    [0x44, oemRecord],
    [0x46, [1, 0, 1, 0]],
    [0x47, [1, 0, 0x43, 0x4c, 0x52, 0xaa]],
    [0x49, [0, 0, 0, 0]],
    [0x5d, [0, 0]],
  ] as const) {
    assert.equal((await request(storage, command, data)).code, 0xd4);
  }
});

test("a record that a full disk does not take is answered with C4h, and is in the log until the BMC ends", async () => {
  const full = new StorageError("full", "no space left on device");
  const session = await openConsole(
    createTestBmc({
      selJournal: {
        ...createInMemoryJournal(),
        append: () => Promise.reject(full),
        replace: () => Promise.reject(full),
      },
    }),
  );
  assert.equal(await session.code(storage, 0x44, oemRecord), 0xc4);
  assert.equal(session.bmc.bmc.sel.count(), 1);
});

/** [Chassis Control, state before, records] */
const powerCases: readonly (readonly [string, number, "poweredOn" | "poweredOff", readonly string[]])[] = [
  ["power on", 1, "poweredOff", ["02200004" + "0901efa04201"]],
  ["power off", 0, "poweredOn", ["02200004" + "09016fa04201"]],
  ["soft shutdown", 5, "poweredOn", ["02200004" + "09016fa04201"]],
  ["power cycle", 2, "poweredOn", ["02200004" + "09016fa14201"]],
  ["hard reset", 3, "poweredOn", ["02200004" + "1d326fa14201"]],
  ["diagnostic interrupt", 4, "poweredOn", ["02200004" + "13336fa04201"]],
  ["power on of a machine that is on", 1, "poweredOn", []],
];

for (const [name, control, before, expected] of powerCases) {
  test(`${name} is recorded once, with the user and the address of the console`, async () => {
    const bmc = createTestBmc();
    bmc.machine.state = before;
    bmc.push();
    bmc.machine.onChange = bmc.push;
    const session = await openConsole(bmc);
    await session.data(chassis, 0x02, [control]);
    bmc.push();
    assert.deepEqual(recordsOf(bmc), expected);
  });
}

test("what someone does in vSphere is recorded as theirs, also soon after a command that did something else", async () => {
  const bmc = createTestBmc();
  bmc.machine.onChange = bmc.push;
  bmc.push();
  const session = await openConsole(bmc);
  await session.data(chassis, 0x02, [1]);
  bmc.machine.state = "poweredOff";
  bmc.push();
  bmc.machine.state = "poweredOn";
  bmc.push();
  assert.deepEqual(recordsOf(bmc).slice(1), ["02200004" + "09016fa000ff", "02200004" + "0901efa000ff"]);
});

test("a soft shutdown that the guest carries out minutes later is still the command's", async () => {
  const bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  bmc.push();
  const session = await openConsole(bmc);
  await session.data(chassis, 0x02, [5]);
  bmc.now += 240_000;
  bmc.machine.state = "poweredOff";
  bmc.push();
  assert.deepEqual(recordsOf(bmc), ["02200004" + "09016fa04201"]);
});

test("a command that vSphere fails is recorded, one that it refuses is not", async () => {
  const bmc = createTestBmc();
  bmc.push();
  const session = await openConsole(bmc);
  bmc.machine.failure = new MachineError("invalidState", "the VM is off");
  await session.code(chassis, 0x02, [3]);
  assert.deepEqual(recordsOf(bmc), []);
  bmc.machine.failure = new MachineError("denied", "the account may not");
  await session.code(chassis, 0x02, [1]);
  await session.code(chassis, 0x02, [1]);
  assert.deepEqual(recordsOf(bmc), ["02200004" + "09016fa54201"]);
  bmc.now += 600_000;
  bmc.bmc.operationFailed("setBootOverride");
  bmc.bmc.operationFailed("power");
  assert.deepEqual(recordsOf(bmc).slice(1), ["02200004" + "28356f01ffff", "02200004" + "09016f05ffff"]);
});

test("a question of the VM is recorded once, and once that it is answered", () => {
  const bmc = createTestBmc();
  bmc.push();
  bmc.machine.known = { question: { id: "7", text: "Moved or copied?", choices: [{ key: "0", label: "Cancel" }] } };
  bmc.push();
  bmc.push();
  assert.deepEqual(recordsOf(bmc), ["02200004" + "28080702ffff"]);
  bmc.machine.known = {};
  bmc.push();
  bmc.push();
  assert.deepEqual(recordsOf(bmc).slice(1), ["02200004" + "28080700ffff"]);
});

test("of a power cycle that stops half-way, both halves are recorded", async () => {
  const bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  bmc.push();
  const session = await openConsole(bmc);
  bmc.machine.power = () => {
    bmc.machine.state = "poweredOff";
    bmc.push();
    return Promise.reject(new MachineError("denied", "the account may not"));
  };
  await session.code(chassis, 0x02, [2]);
  assert.deepEqual(recordsOf(bmc), ["02200004" + "09016fa04201", "02200004" + "09016fa54201"]);
});

describe("a guest whose Tools come up has booted, which is reported where its device is known (table 42-3, 1Fh)", () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const tools = async ({ bmc }: TestBmc, ...states: readonly boolean[]): Promise<void> => {
    for (const toolsRunning of states) {
      bmc.observe({ powerState: "poweredOn", toolsRunning });
      await settled();
    }
  };
  const bootsOf = (bmc: TestBmc): string[] =>
    recordsOf(bmc)
      .filter((record) => record.slice(8, 10) === "1f")
      .map((record) => record.slice(14, 16));

  for (const [device, offset] of [
    ["floppy", "00"],
    ["disk", "01"],
    ["pxe", "02"],
    ["cdrom", "04"],
  ] as const) {
    test(`from ${device}, by the VM's own order, once for each time that Tools come up`, async () => {
      const bmc = createTestBmc();
      bmc.machine.override = { device, persistent: true };
      await tools(bmc, false, true, true, false, true);
      assert.deepEqual(bootsOf(bmc), [offset, offset]);
    });
  }

  for (const start of ["power on", "reset"] as const) {
    test(`from the device of one ${start}, though the order has come back since`, async () => {
      const bmc = createTestBmc();
      bmc.machine.state = start === "reset" ? "poweredOn" : "poweredOff";
      bmc.push();
      const session = await openConsole(bmc);
      assert.equal(await session.code(chassis, 0x08, [5, 0x80, 0x04, 0, 0, 0]), 0);
      assert.equal(await session.code(chassis, 0x02, [start === "reset" ? 3 : 1]), 0);
      bmc.machine.override = { device: "disk", persistent: true };
      await tools(bmc, true, false, true);
      assert.deepEqual(bootsOf(bmc), ["02", "01"]);
    });
  }

  test("but not where it is unknown: no order, the firmware set-up, vCenter away", async () => {
    const bmc = createTestBmc();
    await tools(bmc, false, true);
    bmc.machine.override = { device: "bios", persistent: false };
    await tools(bmc, false, true);
    bmc.machine.failure = new MachineError("unavailable", "away");
    await tools(bmc, false, true);
    assert.equal(bmc.bmc.sel.count(), 0);
  });
});

test("with System Event Logging disabled nothing is recorded (§22.1)", async () => {
  const bmc = createTestBmc();
  bmc.machine.onChange = bmc.push;
  bmc.push();
  const session = await openConsole(bmc);
  await session.data(0x06, 0x2e, [0]);
  await session.data(chassis, 0x02, [1]);
  assert.equal(bmc.bmc.sel.count(), 0);
});
