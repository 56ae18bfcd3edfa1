import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { MachineError } from "../../../src/model/machine/errors.js";
import { createTestBmc, logIn, type TestBmc, type TestSession } from "../../support/testBmc.js";

const app = 0x06;
const chassis = 0x00;

let bmc: TestBmc;
let session: TestSession;

beforeEach(async () => {
  bmc = createTestBmc();
  session = logIn(bmc);
  await session.request(app, 0x3b, [4]);
});

async function data(netFn: number, command: number, request: readonly number[] = []): Promise<number[]> {
  const answer = await session.request(netFn, command, request);
  assert.equal(answer.code, 0);
  return [...answer.data];
}

async function code(netFn: number, command: number, request: readonly number[] = []): Promise<number> {
  return (await session.request(netFn, command, request)).code;
}

describe("identity", () => {
  test("Get Device ID has 15 bytes, our version and IPMI 2.0 (§20.1)", async () => {
    const identity = await data(app, 0x01);
    assert.deepEqual(identity.slice(0, 5), [0x20, 0x01, 0x01, 0x02, 0x02]);
    assert.deepEqual(identity.slice(6), [0xdc, 0x1a, 0, 0x01, 0, 0x03, 0, 0, 0]);
  });

  /** [bit, network function and number of the command that such a device must have] */
  const devices = [
    [0x01, 0x04, 0x2d],
    [0x02, 0x0a, 0x20],
    [0x04, 0x0a, 0x40],
    [0x08, 0x0a, 0x10],
    [0x10, 0x04, 0x02],
    [0x20, 0x04, 0x00],
    [0x40, 0x02, 0x00],
    [0x80, 0x00, 0x01],
  ] as const;
  for (const [bit, netFn, command] of devices) {
    test(`bit ${bit.toString(16)}h of the device support is set if there is command ${netFn}/${command} (§20.1)`, async () => {
      const isSet = ((await data(app, 0x01))[5]! & bit) !== 0;
      assert.equal(isSet, (await code(netFn, command)) !== 0xc1);
    });
  }

  test("Get System GUID is the VM's UUID in SMBIOS order, and Get Device GUID the same (§20.8, §22.14)", async () => {
    const guid = [0xb5, 0xe8, 0x24, 0x42, 0x2d, 0x1e, 0x4b, 0x3c, 0x5a, 0x69, 0x78, 0x87, 0x96, 0xa5, 0xb4, 0xc3];
    assert.deepEqual(await data(app, 0x37), guid);
    assert.deepEqual(await data(app, 0x08), guid);
  });

  test("the GUID stays while vCenter is away, and has a value of its own before it was ever there", async () => {
    const before = await data(app, 0x37);
    bmc.machine.failure = new MachineError("unavailable", "away");
    assert.deepEqual(await data(app, 0x37), before);
    const other = createTestBmc();
    other.machine.biosUuid = undefined;
    const first = (await logIn(other).request(app, 0x37)).data;
    const again = createTestBmc();
    again.machine.biosUuid = undefined;
    assert.deepEqual((await logIn(again).request(app, 0x37)).data, first);
  });

  test("Get Self Test Results is 55h (§20.4)", async () => assert.deepEqual(await data(app, 0x04), [0x55, 0x00]));
});

describe("chassis (§28)", () => {
  test("Get Chassis Capabilities", async () =>
    assert.deepEqual(await data(chassis, 0x00), [0x04, 0x20, 0x20, 0x20, 0x20]));

  test("Get Chassis Status tells power from memory at once, and suspended as off", () => {
    for (const [state, bit] of [
      ["poweredOn", 1],
      ["poweredOff", 0],
      ["suspended", 0],
    ] as const) {
      bmc.machine.state = state;
      const [reply] = bmc.exchange(session.packet(chassis, 0x01));
      assert.equal(session.read(reply!).data[0]! & 1, bit);
    }
  });

  const actions: readonly (readonly [number, string])[] = [
    [0, "off"],
    [1, "on"],
    [2, "cycle"],
    [3, "reset"],
    [4, "diagnosticInterrupt"],
    [5, "softShutdown"],
  ];
  for (const [action, operation] of actions) {
    test(`Chassis Control ${action} is ${operation}`, async () => {
      assert.equal(await code(chassis, 0x02, [action]), 0);
      assert.deepEqual(bmc.machine.operations, [operation]);
    });
  }

  test("undefined actions are CCh and a request without data C7h; neither reaches the machine", async () => {
    for (const action of [6, 7, 0x0f]) {
      assert.equal(await code(chassis, 0x02, [action]), 0xcc);
    }
    assert.equal(await code(chassis, 0x02), 0xc7);
    assert.deepEqual(bmc.machine.operations, []);
  });
});

describe("boot options (§28.12-13)", () => {
  const devices: readonly (readonly [number, string])[] = [
    [0x04, "pxe"],
    [0x08, "disk"],
    [0x14, "cdrom"],
    [0x18, "bios"],
    [0x3c, "floppy"],
  ];
  for (const [selector, device] of devices) {
    test(`boot flags select ${device}, for the next boot or for good, and are read back`, async () => {
      assert.equal(await code(chassis, 0x08, [5, 0x80, selector, 0, 0, 0]), 0);
      assert.deepEqual(bmc.machine.override, { device, persistent: false });
      assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0x80, selector, 0, 0, 0]);
      assert.equal(await code(chassis, 0x08, [5, 0xc0, selector, 0, 0, 0]), 0);
      assert.deepEqual(bmc.machine.override, { device, persistent: true });
    });
  }

  test("no device, or flags that are not valid, clear the override", async () => {
    for (const flags of [
      [0x80, 0x00],
      [0x00, 0x04],
    ] as const) {
      bmc.machine.override = { device: "pxe", persistent: true };
      assert.equal(await code(chassis, 0x08, [5, ...flags, 0, 0, 0]), 0);
      assert.equal(bmc.machine.override, undefined);
    }
    assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0, 0, 0, 0, 0]);
  });

  test("safe mode, the diagnostic partition and reserved selectors are CCh, and change nothing", async () => {
    assert.equal(await code(chassis, 0x08, [5, 0xc0, 0x04, 0, 0, 0]), 0);
    for (const selector of [0x3, 0x4, 0x9, 0xa, 0xc, 0xd, 0xe]) {
      assert.equal(await code(chassis, 0x08, [5, 0x80, selector << 2, 0, 0, 0]), 0xcc, `selector ${selector}`);
    }
    assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0xc0, 0x04, 0, 0, 0]);
  });

  for (const [selector, device] of [
    [0x1c, "floppy"],
    [0x20, "cdrom"],
    [0x2c, "disk"],
  ] as const) {
    test(`a remote ${device} is read back as a remote one, until another device is chosen`, async () => {
      assert.equal(await code(chassis, 0x08, [5, 0x80, selector, 0, 0, 0]), 0);
      assert.deepEqual(bmc.machine.override, { device, persistent: false });
      assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0x80, selector, 0, 0, 0]);
      bmc.machine.override = { device: "pxe", persistent: true };
      assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0xc0, 0x04, 0, 0, 0]);
      bmc.machine.override = undefined;
      assert.deepEqual(await data(chassis, 0x09, [5, 0, 0]), [1, 5, 0, 0, 0, 0, 0]);
    });
  }

  test("what ipmitool, ironic and pyghmi send around it is accepted: parameters 0, 3 and 4", async () => {
    for (const request of [
      [0, 1],
      [4, 1, 1],
      [0, 2],
      [0, 0],
      [3, 8],
    ]) {
      assert.equal(await code(chassis, 0x08, request), 0);
    }
    assert.deepEqual(await data(chassis, 0x09, [3, 0, 0]), [1, 3, 8]);
    assert.deepEqual(await data(chassis, 0x09, [4, 0, 0]), [1, 4, 0, 1]);
  });

  test("an unknown parameter is 80h, a wrong length C7h", async () => {
    assert.equal(await code(chassis, 0x08, [0x60, 1]), 0x80);
    assert.equal(await code(chassis, 0x09, [0x60, 0, 0]), 0x80);
    assert.equal(await code(chassis, 0x08, [5, 0x80]), 0xc7);
  });
});

describe("channel (§22.23-24)", () => {
  test("channel 1 and Eh are the LAN channel, 2 is the serial port, the rest does not exist", async () => {
    const lan = [1, 4, 1, 0x81, 0xf2, 0x1b, 0, 0, 0];
    assert.deepEqual(await data(app, 0x42, [0x01]), lan);
    assert.deepEqual(await data(app, 0x42, [0x0e]), lan);
    assert.deepEqual(await data(app, 0x42, [0x02]), [2, 5, 9, 0x40, 0xf2, 0x1b, 0, 0, 0]);
    for (const channel of [0, 3, 7, 0x0f]) {
      assert.equal(await code(app, 0x42, [channel]), 0xcc);
    }
  });

  test("Get Channel Access says: always available, up to ADMINISTRATOR", async () => {
    assert.deepEqual(await data(app, 0x41, [0x01, 0x80]), [0x22, 4]);
    assert.deepEqual(await data(app, 0x41, [0x01, 0x40]), [0x22, 4]);
  });

  test("Get Channel Access says that the serial port is disabled", async () => {
    assert.deepEqual(await data(app, 0x41, [0x02, 0x80]), [0x20, 4]);
    assert.deepEqual(await data(app, 0x41, [0x02, 0x40]), [0x20, 4]);
  });
});
