import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { createInMemoryStorage, StorageError } from "../../../../src/model/bmc/state/storage.js";
import { app, chassis, type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc } from "../../../support/testBmc.js";

let console: Console;

beforeEach(async () => {
  console = await openConsole(createTestBmc());
});

describe("Set Channel Access (§22.22)", () => {
  const set = 0x40;
  const volatileAccess = (): Promise<number[]> => console.data(app, 0x41, [1, 0x80]);
  const nonVolatileAccess = (): Promise<number[]> => console.data(app, 0x41, [1, 0x40]);

  test("a volatile setting is in force at once, and the non-volatile one stays as it was", async () => {
    assert.equal(await console.code(app, set, [1, 0x83, 0x85]), 0);
    assert.deepEqual(await volatileAccess(), [0x03, 5]);
    assert.deepEqual(await nonVolatileAccess(), [0x22, 4]);
  });

  test("a non-volatile setting is in force after the next system reset, which also ends the volatile one", async () => {
    await console.code(app, set, [1, 0x43, 0x45]);
    assert.deepEqual(await volatileAccess(), [0x22, 4]);
    assert.deepEqual(await nonVolatileAccess(), [0x03, 5]);
    await console.code(app, set, [1, 0xa3, 0x84]);
    assert.deepEqual(await volatileAccess(), [0x23, 4]);
    console.bmc.machine.state = "poweredOn";
    assert.equal(await console.code(chassis, 0x02, [3]), 0);
    assert.deepEqual(await volatileAccess(), [0x03, 5]);
  });

  test("switching the VM off ends the volatile setting as well, and so does a cold reset", async () => {
    console.bmc.machine.state = "poweredOn";
    console.bmc.push();
    await console.code(app, set, [1, 0x83, 0]);
    await console.code(chassis, 0x02, [0]);
    assert.deepEqual(await volatileAccess(), [0x22, 4]);
    await console.code(app, set, [1, 0x83, 0]);
    console.bmc.bmc.coldReset();
    // It ends all sessions.
    console = await openConsole(console.bmc);
    assert.deepEqual(await volatileAccess(), [0x22, 4]);
  });

  test("access and limit go where each byte says, and 00b in both changes nothing", async () => {
    assert.equal(await console.code(app, set, [0x0e, 0x43, 0x85]), 0);
    assert.deepEqual(await volatileAccess(), [0x22, 5]);
    assert.deepEqual(await nonVolatileAccess(), [0x03, 4]);
    assert.equal(await console.code(app, set, [0x0e, 0x10, 0x01]), 0);
    assert.deepEqual(await volatileAccess(), [0x22, 5]);
    assert.deepEqual(await nonVolatileAccess(), [0x03, 4]);
  });

  test("a restarted BMC begins with the non-volatile settings", async () => {
    const storage = createInMemoryStorage();
    const before = await openConsole(createTestBmc({ storage }));
    await before.code(app, set, [1, 0x43, 0x45]);
    await before.code(app, set, [1, 0xa2, 0]);
    console = await openConsole(createTestBmc({ storage }));
    assert.deepEqual(await volatileAccess(), [0x03, 5]);
    assert.deepEqual(await nonVolatileAccess(), [0x03, 5]);
  });

  test("a disk that takes nothing is reported, and nothing is changed, volatile settings included", async () => {
    const storage = {
      ...createInMemoryStorage(),
      write: () => Promise.reject(new StorageError("full", "no room")),
    };
    console = await openConsole(createTestBmc({ storage }));
    assert.equal(await console.code(app, set, [1, 0x43, 0x85]), 0xc4);
    assert.deepEqual(await volatileAccess(), [0x22, 4]);
    assert.deepEqual(await nonVolatileAccess(), [0x22, 4]);
  });

  test("what shuts everybody out (83h, D5h), disables authentication or is reserved (CCh) changes nothing", async () => {
    for (const [access, limit, code] of [
      [0x60, 0, 0x83],
      [0xa1, 0, 0x83],
      [0xa4, 0, 0xcc],
      [0x72, 0, 0xcc],
      [0xaa, 0, 0xcc],
      [0xe2, 0, 0xcc],
      [0x43, 0x43, 0xd5],
      [0x83, 0x81, 0xd5],
      [0x83, 0x80, 0xcc],
      [0x83, 0x86, 0xcc],
      [0x83, 0xc4, 0xcc],
    ] as const) {
      assert.equal(await console.code(app, set, [1, access, limit]), code, `${access} ${limit}`);
    }
    assert.equal(await console.code(app, set, [3, 0x62, 0]), 0xcc);
    assert.deepEqual(await volatileAccess(), [0x22, 4]);
    assert.deepEqual(await nonVolatileAccess(), [0x22, 4]);
  });

  test("the serial channel takes what it has, and nothing else (83h)", async () => {
    for (const [access, limit, code] of [
      [0x60, 0x44, 0],
      [0xa0, 0x84, 0],
      [0x62, 0, 0x83],
      [0x40, 0, 0x83],
      [0, 0x43, 0x83],
    ] as const) {
      assert.equal(await console.code(app, set, [2, access, limit]), code, `${access} ${limit}`);
    }
    assert.deepEqual(await volatileAccess(), [0x22, 4], "the LAN channel is another");
  });
});

describe("Set Channel Security Keys (§22.25)", () => {
  const keys = 0x56;

  test("K_G is locked: neither read nor written", async () => {
    assert.deepEqual(await console.data(app, keys, [1, 0, 1]), [0x01]);
    assert.deepEqual(await console.data(app, keys, [1, 2, 1]), [0x01]);
    assert.equal(await console.code(app, keys, [1, 1, 1, ...Array<number>(20).fill(7)]), 0x80);
  });

  test("the key that is in force already may be written, as ipmi-config --commit does", async () => {
    assert.equal(await console.code(app, keys, [1, 1, 1, ...Array<number>(20).fill(0)]), 0);
    assert.equal(await console.code(app, keys, [1, 1, 0, ...Array<number>(20).fill(0)]), 0);
    const kg = Buffer.from("a key");
    const other = await openConsole(createTestBmc({ kg }), { kg });
    assert.equal(await other.code(app, keys, [1, 1, 1, ...Buffer.concat([kg], 20)]), 0);
    assert.equal(await other.code(app, keys, [1, 1, 1, ...Array<number>(20).fill(0)]), 0x80);
    assert.equal(await other.code(app, keys, [1, 1, 1]), 0x80);
  });

  test("K_R is locked too, and not used (84h), and other keys and operations are CCh", async () => {
    assert.deepEqual(await console.data(app, keys, [1, 0, 0]), [0x01]);
    assert.equal(await console.code(app, keys, [1, 1, 0, ...Array<number>(20).fill(7)]), 0x84);
    assert.equal(await console.code(app, keys, [1, 0, 2]), 0xcc);
    assert.equal(await console.code(app, keys, [1, 3, 1]), 0xcc);
  });
});
