import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { type BmcStorage, createInMemoryStorage, StorageError } from "../../../../src/model/bmc/state/storage.js";
import { app, type Console, field, openConsole } from "../../../support/administrator.js";
import { createTestBmc, logIn, type TestBmc } from "../../../support/testBmc.js";

let storage: BmcStorage;
let bmc: TestBmc;
let console: Console;

beforeEach(async () => {
  storage = createInMemoryStorage();
  bmc = createTestBmc({ storage });
  console = await openConsole(bmc);
});

const setAccess = 0x43;
const getAccess = 0x44;
const setName = 0x45;
const getName = 0x46;
const setPassword = 0x47;

/** Name-only look-up, up to OPERATOR. */
const operatorLogin = { name: "ops", password: "secret", role: 0x13 } as const;

async function addUser(id: number, name: string, password: string, level: number): Promise<void> {
  assert.equal(await console.code(app, setName, [id, ...field(name, 16)]), 0);
  const size = password.length > 16 ? 20 : 16;
  assert.equal(await console.code(app, setPassword, [id | (size === 20 ? 0x80 : 0), 2, ...field(password, size)]), 0);
  assert.equal(await console.code(app, setAccess, [0x01, id, level]), 0);
  assert.equal(await console.code(app, setPassword, [id, 1]), 0);
}

describe("user slots (§22.26-30)", () => {
  test("Get User Access: 16 slots, slot 2 is the configured administrator, slot 1 and free ones have no access", async () => {
    assert.deepEqual(await console.data(app, getAccess, [1, 2]), [16, 0x41, 1, 0x14]);
    assert.deepEqual(await console.data(app, getAccess, [0x0e, 1]), [16, 0x81, 1, 0x0f]);
    assert.deepEqual(await console.data(app, getAccess, [1, 16]), [16, 0x81, 1, 0x1f]);
  });

  test("no user has access by the serial port, and none gets it (CCh)", async () => {
    assert.equal((await console.data(app, getAccess, [2, 2]))[3], 0x0f);
    assert.equal(await console.code(app, setAccess, [0x82, 2, 0x0f]), 0);
    assert.equal(await console.code(app, setAccess, [0x92, 2, 0x0f]), 0xcc);
    assert.equal(await console.code(app, setAccess, [0x02, 2, 0x04]), 0xcc);
    assert.equal((await console.data(app, getAccess, [1, 2]))[3], 0x14, "on the LAN nothing has changed");
  });

  test("user IDs 0 and 17 are C9h, channel 3 is CCh, a wrong length C7h", async () => {
    assert.equal(await console.code(app, getAccess, [1, 0]), 0xc9);
    assert.equal(await console.code(app, getAccess, [1, 17]), 0xc9);
    assert.equal(await console.code(app, getName, [17]), 0xc9);
    assert.equal(await console.code(app, getAccess, [3, 2]), 0xcc);
    assert.equal(await console.code(app, getAccess, [1]), 0xc7);
    assert.equal(await console.code(app, setName, [3, 0x62]), 0xc7);
    assert.equal(await console.code(app, setPassword, [3, 2, ...field("p", 15)]), 0xc7);
    assert.equal(await console.code(app, setPassword, [0x83, 2, ...field("p", 16)]), 0xc7);
  });

  test("Get User Name pads with zeros", async () => {
    assert.deepEqual(await console.data(app, getName, [2]), field("admin", 16));
    assert.deepEqual(await console.data(app, getName, [3]), field("", 16));
  });

  test("a user with name, password, privilege and enabled logs in at once, up to that privilege", async () => {
    await addUser(3, "ops", "secret", 3);
    assert.deepEqual(await console.data(app, getAccess, [1, 3]), [16, 0x42, 1, 0x13]);
    const operator = logIn(bmc, operatorLogin);
    assert.equal((await operator.request(app, 0x3b, [3])).code, 0);
    assert.equal((await operator.request(app, 0x3b, [4])).code, 0x81);
    assert.equal((await operator.request(app, setPassword, [3, 0])).code, 0xd4, "an operator changes no users");
  });

  test("a name of 16 bytes and a password of 20 bytes are taken whole", async () => {
    await addUser(16, "sixteen-bytes-it", "twenty-bytes-of-text", 4);
    logIn(bmc, { name: "sixteen-bytes-it", password: "twenty-bytes-of-text" });
  });

  for (const [what, [command, request]] of [
    ["disabled", [setPassword, [3, 0]]],
    ["without access", [setAccess, [1, 3, 15]]],
    ["without IPMI messaging", [setAccess, [0x81, 3, 3]]],
    ["that is only called back", [setAccess, [0xd1, 3, 3]]],
    ["without a name", [setName, [3, ...field("", 16)]]],
  ] as const) {
    test(`a user that becomes one ${what} loses its session and logs in no more`, async () => {
      await addUser(3, "ops", "secret", 3);
      const operator = logIn(bmc, operatorLogin);
      assert.equal(await console.code(app, command, request), 0);
      assert.deepEqual(bmc.exchange(operator.packet(app, 0x01)), []);
      assert.throws(() => logIn(bmc, operatorLogin), /RAKP 2 status/);
    });
  }

  test("a new password ends the sessions of the old one, but not the session that set it", async () => {
    const other = logIn(bmc);
    assert.equal(await console.code(app, setPassword, [2, 2, ...field("new", 16)]), 0);
    assert.deepEqual(bmc.exchange(other.packet(app, 0x01)), []);
    assert.equal(await console.code(app, 0x01), 0);
    assert.throws(() => logIn(bmc), /RAKP 2 has a wrong key exchange code/);
    logIn(bmc, { password: "new" });
  });

  test("the access bits are kept only when bit 7 says so", async () => {
    assert.equal(await console.code(app, setAccess, [0xe1, 3, 4]), 0);
    assert.deepEqual(await console.data(app, getAccess, [1, 3]), [16, 0x81, 1, 0x64]);
    assert.equal(await console.code(app, setAccess, [0x11, 3, 2]), 0);
    assert.deepEqual(await console.data(app, getAccess, [1, 3]), [16, 0x81, 1, 0x62]);
  });

  test("privilege limits 0, 5 and 6, and a session limit, are CCh", async () => {
    for (const limit of [0, 5, 6]) {
      assert.equal(await console.code(app, setAccess, [1, 3, limit]), 0xcc);
    }
    assert.equal(await console.code(app, setAccess, [1, 3, 4, 2]), 0xcc);
    assert.equal(await console.code(app, setAccess, [1, 3, 4, 0]), 0);
  });

  test("a change that changes nothing is taken, of the null user too, as ipmi-config --commit does", async () => {
    assert.equal(await console.code(app, setPassword, [1, 0]), 0);
    const [, , , access = 0] = await console.data(app, getAccess, [1, 1]);
    assert.equal(await console.code(app, setAccess, [0x80 | (access & 0x70) | 1, 1, access & 0x0f]), 0);
  });

  test("the null user stays off, and a name that is not UTF-8 is refused", async () => {
    assert.equal(await console.code(app, setPassword, [1, 1]), 0xcc);
    assert.equal(await console.code(app, setName, [1, ...field("x", 16)]), 0xcc);
    assert.equal(await console.code(app, setName, [3, 0xff, 0xfe, ...field("", 14)]), 0xcc);
  });

  test("the test of a password tells a wrong one (80h) from a wrong size (81h)", async () => {
    await addUser(3, "ops", "secret", 3);
    assert.equal(await console.code(app, setPassword, [3, 3, ...field("secret", 16)]), 0);
    assert.equal(await console.code(app, setPassword, [3, 3, ...field("Secret", 16)]), 0x80);
    assert.equal(await console.code(app, setPassword, [0x83, 3, ...field("secret", 20)]), 0x81);
    assert.equal(await console.code(app, setPassword, [2, 3, ...field("password", 16)]), 0);
  });

  for (const [how, [command, request]] of [
    ["disabled", [setPassword, [2, 0]]],
    ["demoted", [setAccess, [1, 2, 3]]],
    ["taken off IPMI messaging", [setAccess, [0x81, 2, 4]]],
    ["renamed to nothing", [setName, [2, ...field("", 16)]]],
  ] as const) {
    test(`the last administrator cannot be ${how} (D5h), unless there is another`, async () => {
      assert.equal(await console.code(app, command, request), 0xd5);
      logIn(bmc);
      await addUser(3, "root", "secret", 4);
      assert.equal(await console.code(app, command, request), 0);
    });
  }

  test("of two users with one name the first that may have the level asked for is logged in (§13.20)", async () => {
    await addUser(3, "admin", "other", 2);
    await openConsole(bmc, { name: "admin", password: "password", role: 0x04 });
    await addUser(3, "twin", "low", 2);
    await addUser(4, "twin", "high", 4);
    logIn(bmc, { name: "twin", password: "high", role: 0x04 });
    logIn(bmc, { name: "twin", password: "low", role: 0x02 });
    assert.throws(() => logIn(bmc, { name: "twin", password: "high", role: 0x14 }), /RAKP 2/);
  });
});

describe("users over a restart", () => {
  test("users and their changes are there after a restart", async () => {
    await addUser(3, "ops", "secret", 3);
    assert.equal(await console.code(app, setPassword, [2, 2, ...field("new", 16)]), 0);
    const again = createTestBmc({ storage });
    logIn(again, operatorLogin);
    logIn(again, { password: "new" });
    assert.throws(() => logIn(again));
  });

  test("an account that was edited in the configuration later wins, and the other users stay", async () => {
    await addUser(3, "ops", "secret", 4);
    assert.equal(await console.code(app, setPassword, [2, 2, ...field("by-ipmi", 16)]), 0);
    assert.equal(await console.code(app, setAccess, [1, 2, 2]), 0);
    const edited = createTestBmc({ storage, password: "by-hand" });
    const session = logIn(edited, { password: "by-hand" });
    assert.equal((await session.request(app, 0x3b, [4])).code, 0, "and it is an administrator again");
    logIn(edited, { name: "ops", password: "secret" });
    await session.request(app, setPassword, [2, 2, ...field("by-ipmi-again", 16)]);
    logIn(createTestBmc({ storage, password: "by-hand" }), { password: "by-ipmi-again" });
  });

  test("an edit of the configuration that is taken back does not bring back what IPMI had made before", async () => {
    assert.equal(await console.code(app, setPassword, [2, 2, ...field("by-ipmi", 16)]), 0);
    await openConsole(createTestBmc({ storage, password: "by-hand" }), { password: "by-hand" });
    logIn(createTestBmc({ storage }), { password: "password" });
  });

  test("a change that the disk does not take is C4h, and nothing has changed", async () => {
    const full: BmcStorage = {
      ...storage,
      write: () => Promise.reject(new StorageError("full", "no space left on device")),
    };
    const blocked = createTestBmc({ storage: full });
    const { code } = await openConsole(blocked);
    assert.equal(await code(app, setPassword, [2, 2, ...field("new", 16)]), 0xc4);
    logIn(blocked);
  });

  test("a document that this software did not write is set aside, and the configured account is there", () => {
    for (const document of [[], { configured: "x", users: [{ id: 99 }] }, { configured: "x", users: "all" }]) {
      const asides: string[] = [];
      const strange = createInMemoryStorage({ users: document });
      logIn(createTestBmc({ storage: { ...strange, setAside: (...told) => void asides.push(told.join(": ")) } }));
      assert.match(asides.join(), /^users: (is not an object|users\.0\.id is not|users is not a list)/);
    }
  });
});

describe("payload access (§24.6-7)", () => {
  test("is set, cleared and read back per user", async () => {
    assert.deepEqual(await console.data(app, 0x4d, [1, 3]), [0x02, 0, 0, 0], "Serial over LAN");
    assert.equal(await console.code(app, 0x4c, [1, 0x43, 0xff, 0, 0xff, 0]), 0);
    assert.deepEqual(await console.data(app, 0x4d, [1, 3]), [0, 0, 0, 0]);
    assert.equal(await console.code(app, 0x4c, [1, 3, 0x02, 0, 0x01, 0]), 0);
    assert.deepEqual(await console.data(app, 0x4d, [1, 3]), [0x02, 0, 0x01, 0]);
    assert.equal(await console.code(app, 0x4c, [1, 0x43, 0x02, 0, 0, 0]), 0);
    assert.deepEqual(await console.data(app, 0x4d, [1, 3]), [0, 0, 0x01, 0]);
  });

  test("an operation that is reserved is CCh", async () =>
    assert.equal(await console.code(app, 0x4c, [1, 0x83, 2, 0, 0, 0]), 0xcc));
});
