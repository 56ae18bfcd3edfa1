import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { app, openConsole, type Console } from "../../support/administrator.js";
import { createTestBmc } from "../../support/testBmc.js";

let console: Console;

beforeEach(async () => {
  console = await openConsole(createTestBmc());
});

describe("Set Channel Access (§22.22)", () => {
  const set = 0x40;

  test("takes what the channel is: always available, authenticated, up to ADMINISTRATOR", async () => {
    for (const selection of [0x40, 0x80]) {
      assert.equal(await console.code(app, set, [1, selection | 0x22, selection | 4]), 0);
    }
    assert.equal(await console.code(app, set, [0x0e, 0x00, 0x00]), 0);
    assert.deepEqual(await console.data(app, 0x41, [1, 0x80]), [0x22, 4]);
  });

  test("no other access mode (83h), no session without authentication, no alerting (CCh), no lower limit (D5h)", async () => {
    for (const mode of [0, 1, 3]) {
      assert.equal(await console.code(app, set, [1, 0x60 | mode, 0]), 0x83);
    }
    assert.equal(await console.code(app, set, [1, 0x72, 0]), 0xcc);
    assert.equal(await console.code(app, set, [1, 0x6a, 0]), 0xcc);
    assert.equal(await console.code(app, set, [1, 0x42, 0]), 0xcc);
    assert.equal(await console.code(app, set, [1, 0x00, 0x43]), 0xd5);
    assert.equal(await console.code(app, set, [1, 0xe2, 0]), 0xcc);
    assert.equal(await console.code(app, set, [2, 0x62, 0]), 0xcc);
  });
});

describe("Set Channel Security Keys (§22.25)", () => {
  const keys = 0x56;

  test("K_G is locked: neither read nor written", async () => {
    assert.deepEqual(await console.data(app, keys, [1, 0, 1]), [0x01]);
    assert.deepEqual(await console.data(app, keys, [1, 2, 1]), [0x01]);
    assert.equal(await console.code(app, keys, [1, 1, 1, ...Array<number>(20).fill(7)]), 0x80);
  });

  test("K_R is not used (84h), and other keys and operations are CCh", async () => {
    assert.equal(await console.code(app, keys, [1, 0, 0]), 0x84);
    assert.equal(await console.code(app, keys, [1, 0, 2]), 0xcc);
    assert.equal(await console.code(app, keys, [1, 3, 1]), 0xcc);
  });
});
