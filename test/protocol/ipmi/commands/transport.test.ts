import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { type Console, field, openConsole, transport } from "../../../support/administrator.js";
import { createTestBmc, logIn, type TestBmc } from "../../../support/testBmc.js";

let bmc: TestBmc;
let console: Console;

beforeEach(async () => {
  bmc = createTestBmc();
  console = await openConsole(bmc);
});

const set = 0x01;
const get = 0x02;

describe("Get LAN Configuration Parameters (§23.2)", () => {
  const parameters: readonly (readonly [number, string, readonly number[]])[] = [
    [0, "set complete", [0]],
    [1, "MD5", [0x04]],
    [2, "MD5 at every level", [4, 4, 4, 4, 4]],
    [3, "IP address", [192, 0, 2, 7]],
    [4, "static", [1]],
    [5, "MAC address", [0x02, 0, 0, 0x11, 0x22, 0x33]],
    [6, "subnet mask", [255, 255, 255, 0]],
    [7, "time to live 64, don't fragment", [64, 0x40, 0]],
    [8, "port 623", [0x6f, 0x02]],
    [9, "no secondary port", [0, 0]],
    [10, "no ARP of its own", [0]],
    [11, "at no interval", [0]],
    [12, "default gateway", [192, 0, 2, 1]],
    [13, "its MAC address", [0x02, 0, 0, 0xaa, 0xbb, 0xcc]],
    [14, "no backup gateway", [0, 0, 0, 0]],
    [15, "nor its MAC address", [0, 0, 0, 0, 0, 0]],
    [16, "public", field("public", 18)],
    [17, "no alert destinations", [0]],
    [20, "no VLAN", [0, 0]],
    [21, "no VLAN priority", [0]],
    [22, "two cipher suites", [2]],
    [23, "3 and 17", [0, 3, 17]],
    [24, "3 up to ADMINISTRATOR, and 17 has no place", [0, 0, 0x40, 0, 0, 0, 0, 0, 0]],
    [50, "IPv6 alone or beside IPv4, no alerts", [3]],
    [51, "IPv4 alone", [0]],
    [55, "no IPv6 address of the BMC's own", [0, 0, 0]],
    [64, "no IPv6 router", [0]],
    ...[65, 69].flatMap((first): (readonly [number, string, readonly number[]])[] => [
      [first, "no address of a router", Array<number>(16).fill(0)],
      [first + 1, "nor its MAC address", Array<number>(6).fill(0)],
      [first + 2, "nor a length of its prefix", [0]],
      [first + 3, "nor the prefix", Array<number>(16).fill(0)],
    ]),
  ];
  for (const [parameter, meaning, value] of parameters) {
    test(`parameter ${parameter}: ${meaning}`, async () => {
      assert.deepEqual(await console.data(transport, get, [1, parameter, 0, 0]), [0x11, ...value]);
    });
  }

  test("what the host does not know is zeros, and an address of the host's own is no static one", async () => {
    const other = createTestBmc({ lan: () => ({ port: 623, families: "both", isStatic: false, timeToLive: 64 }) });
    const { data } = await openConsole(other);
    assert.deepEqual(await data(transport, get, [1, 3, 0, 0]), [0x11, 0, 0, 0, 0]);
    assert.deepEqual(await data(transport, get, [1, 4, 0, 0]), [0x11, 4]);
    assert.deepEqual(await data(transport, get, [1, 51, 0, 0]), [0x11, 2], "IPv6 and IPv4");
    assert.deepEqual(await data(transport, get, [1, 13, 0, 0]), [0x11, 0, 0, 0, 0, 0, 0]);
  });

  test("parameters that are not there are 80h", async () => {
    for (const parameter of [25, 52, 56, 192]) {
      assert.equal(await console.code(transport, get, [1, parameter, 0, 0]), 0x80);
    }
  });

  test("of alert destinations there is the volatile one, which is not set", async () => {
    assert.deepEqual(await console.data(transport, get, [1, 18, 0, 0]), [0x11, 0, 0, 0, 0]);
    assert.deepEqual(await console.data(transport, get, [1, 19, 0, 0]), [0x11, ...Array<number>(13).fill(0)]);
    for (const parameter of [18, 19]) {
      assert.equal(await console.code(transport, get, [1, parameter, 1, 0]), 0x80);
    }
  });

  test("bit 7 asks for the revision alone, and channel 2 does not exist", async () => {
    assert.deepEqual(await console.data(transport, get, [0x81, 3, 0, 0]), [0x11]);
    assert.equal(await console.code(transport, get, [2, 3, 0, 0]), 0xcc);
  });
});

describe("Set LAN Configuration Parameters (§23.1)", () => {
  for (const parameter of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 21, 22, 23, 26, 50, 51, 55]) {
    test(`parameter ${parameter} is read-only (82h)`, async () =>
      assert.equal(await console.code(transport, set, [1, parameter, 1, 2, 3, 4]), 0x82));
  }

  test("what a read-only parameter is already may be written to it, as ipmi-config --commit does", async () => {
    for (const parameter of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 21, 22, 23, 26, 50, 51, 55]) {
      const [, ...value] = await console.data(transport, get, [1, parameter, 0, 0]);
      assert.equal(await console.code(transport, set, [1, parameter, ...value]), 0, `parameter ${parameter}`);
    }
    assert.equal(await console.code(transport, set, [1, 18, 0, 0, 0, 0]), 0);
    assert.equal(await console.code(transport, set, [1, 18, 0, 1, 0, 0]), 0x82);
    assert.equal(await console.code(transport, set, [1, 18, 1, 0, 0, 0]), 0x80);
  });

  test("a parameter that is not there is 80h, and channel 2 CCh", async () => {
    assert.equal(await console.code(transport, set, [1, 25, 0]), 0x80);
    assert.equal(await console.code(transport, set, [2, 0, 0]), 0xcc);
    assert.equal(await console.code(transport, set, [1, 0]), 0xc7);
  });

  test("set in progress is visible to others, and 3 is reserved", async () => {
    assert.equal(await console.code(transport, set, [1, 0, 1]), 0);
    assert.deepEqual(await console.data(transport, get, [1, 0, 0, 0]), [0x11, 1]);
    assert.equal(await console.code(transport, set, [1, 0, 0]), 0);
    assert.deepEqual(await console.data(transport, get, [1, 0, 0, 0]), [0x11, 0]);
    assert.equal(await console.code(transport, set, [1, 0, 3]), 0xcc);
  });

  test("the community string is kept over a restart, all of its 18 bytes", async () => {
    const storage = createInMemoryStorage();
    const first = await openConsole(createTestBmc({ storage }));
    assert.equal(await first.code(transport, set, [1, 16, ...field("eighteen-bytes-all", 18)]), 0);
    assert.equal(await first.code(transport, set, [1, 16, ...field("short", 6)]), 0xc7);
    const second = await openConsole(createTestBmc({ storage }));
    assert.deepEqual(await second.data(transport, get, [1, 16, 0, 0]), [0x11, ...field("eighteen-bytes-all", 18)]);
  });

  test("the privilege of a cipher suite bounds its sessions at once, and over a restart", async () => {
    const storage = createInMemoryStorage();
    const first = createTestBmc({ storage });
    const { code, data } = await openConsole(first, { suite: 17 });
    assert.equal(await code(transport, set, [1, 24, 0, 0x44, 0x24, 0, 0, 0, 0, 0, 0]), 0);
    assert.deepEqual(await data(transport, get, [1, 24, 0, 0]), [0x11, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]);
    for (const bounded of [first, createTestBmc({ storage })]) {
      assert.throws(() => logIn(bounded, { suite: 3 }), /RAKP 2 status/);
      const user = logIn(bounded, { suite: 3, role: 0x12 });
      assert.equal((await user.request(0x06, 0x3b, [4])).code, 0x81);
      await openConsole(bounded, { suite: 17 });
    }
  });

  test("a cipher suite with privilege 0 opens no session", async () => {
    const { code } = await openConsole(bmc, { suite: 17 });
    assert.equal(await code(transport, set, [1, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0);
    assert.throws(() => logIn(bmc, { suite: 3 }), /Open Session status/);
    logIn(bmc, { suite: 17 });
  });

  test("one cipher suite must allow ADMINISTRATOR (D5h), and level 5 is CCh", async () => {
    const { code } = await openConsole(createTestBmc({ cipherSuites: [1, 3] }));
    assert.equal(await code(transport, set, [1, 24, 0, 0x30, 0x20, 0, 0, 0, 0, 0, 0]), 0xd5);
    assert.equal(await code(transport, set, [1, 24, 0, 0x40, 0x50, 0, 0, 0, 0, 0, 0]), 0xcc);
    assert.equal(await code(transport, set, [1, 24, 0, 0x40]), 0xc7);
    assert.equal(await code(transport, set, [1, 24, 0, 0x40, 0x20, 0, 0, 0, 0, 0, 0]), 0);
  });

  test("an OPERATOR reads parameters and writes none", async () => {
    const operator = logIn(bmc, { role: 0x13 });
    assert.equal((await operator.request(0x06, 0x3b, [3])).code, 0);
    assert.equal((await operator.request(transport, get, [1, 3, 0, 0])).code, 0);
    assert.equal((await operator.request(transport, set, [1, 0, 1])).code, 0xd4);
  });
});

test("Suspend BMC ARPs says that the BMC sends none (§23.3)", async () => {
  assert.deepEqual(await console.data(transport, 0x03, [1, 3]), [0x00]);
  assert.equal(await console.code(transport, 0x03, [1]), 0xc7);
});

describe("Get IP/UDP/RMCP Statistics (§23.4)", () => {
  test("counts packets and stops at FFFFh", async () => {
    Object.assign(bmc.bmc.lanStatistics, { udpReceived: 0x0102, sent: 0x0304, rmcpReceived: 70_000 });
    assert.deepEqual(
      await console.data(transport, 0x04, [1, 0]),
      [2, 1, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 0xff, 0xff, 0, 0, 0, 0],
    );
  });

  test("bit 0 clears them", async () => {
    Object.assign(bmc.bmc.lanStatistics, { udpReceived: 5, sent: 6, rmcpReceived: 7 });
    assert.deepEqual(await console.data(transport, 0x04, [1, 1]), Array<number>(18).fill(0));
  });

  test("a datagram that is not RMCP does not count as one", async () => {
    await console.data(transport, 0x04, [1, 1]);
    bmc.exchange(Buffer.from("nonsense"));
    assert.deepEqual((await console.data(transport, 0x04, [1, 0])).slice(12, 14), [1, 0]);
  });
});

describe("Serial/Modem Configuration (§25.1-2)", () => {
  test("FreeIPMI finds a direct connection by which no IPMI messages come", async () => {
    assert.deepEqual(await console.data(transport, 0x11, [2, 3, 0, 0]), [0x11, 0x80]);
    assert.deepEqual(await console.data(transport, 0x11, [2, 7, 0, 0]), [0x11, 0x00, 0x0a]);
    assert.deepEqual(await console.data(transport, 0x11, [0x82, 99, 0, 0]), [0x11]);
  });

  test("it takes the values that are there, refuses others with 82h, unknown parameters with 80h, other channels with CCh", async () => {
    assert.equal(await console.code(transport, 0x10, [2, 3, 0x80]), 0);
    assert.equal(await console.code(transport, 0x10, [2, 3, 0x81]), 0x82);
    assert.equal(await console.code(transport, 0x10, [2, 0, 1]), 0);
    assert.equal(await console.code(transport, 0x10, [2, 99, 1]), 0x80);
    assert.equal(await console.code(transport, 0x11, [2, 99, 0, 0]), 0x80);
    assert.equal(await console.code(transport, 0x11, [1, 3, 0, 0]), 0xcc);
  });
});
