import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { MachineError } from "../../../../src/model/machine/errors.js";
import { chassis, type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../../support/testBmc.js";

let bmc: TestBmc;
let console: Console;

beforeEach(async () => {
  bmc = createTestBmc();
  console = await openConsole(bmc);
});

const status = 0x01;
const control = 0x02;
const [off, on, cycle, reset] = [0, 1, 2, 3];

describe("Get Chassis Status (§28.2)", () => {
  test("off, always off, nothing happened, identify off and supported; no fault is made up", async () => {
    bmc.push();
    assert.deepEqual(await console.data(chassis, status), [0x00, 0x00, 0x40]);
  });

  test("the last power event says whether a command switched the machine on", async () => {
    bmc.push();
    assert.equal(await console.code(chassis, control, [on]), 0);
    assert.deepEqual(await console.data(chassis, status), [0x01, 0x10, 0x40]);
    assert.equal(await console.code(chassis, control, [off]), 0);
    assert.deepEqual(await console.data(chassis, status), [0x00, 0x10, 0x40], "it tells of the last start");
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.deepEqual(await console.data(chassis, status), [0x01, 0x00, 0x40], "someone in vSphere did");
    assert.equal(await console.code(chassis, control, [on]), 0);
    assert.deepEqual(await console.data(chassis, status), [0x01, 0x00, 0x40], "it was on already");
  });
});

describe("Get System Restart Cause (§28.11)", () => {
  test("names Chassis Control after on, cycle and reset, and unknown after a start by vSphere", async () => {
    bmc.push();
    assert.deepEqual(await console.data(chassis, 0x07), [0, 1]);
    for (const action of [on, cycle, reset]) {
      bmc.machine.state = "poweredOff";
      bmc.push();
      bmc.machine.state = "poweredOn";
      bmc.push();
      assert.deepEqual(await console.data(chassis, 0x07), [0, 1]);
      if (action === on) {
        bmc.machine.state = "poweredOff";
        bmc.push();
      }
      assert.equal(await console.code(chassis, control, [action]), 0);
      assert.deepEqual(await console.data(chassis, 0x07), [1, 1]);
    }
  });

  test("it outlives a restart of the BMC, unless another client has started the machine meanwhile", async () => {
    const storage = createInMemoryStorage();
    const startBmc = (bootTime: string): TestBmc => {
      const started = createTestBmc({ storage });
      started.machine.state = "poweredOn";
      started.machine.bootTime = bootTime;
      started.push();
      return started;
    };
    const first = createTestBmc({ storage });
    first.push();
    const { code } = await openConsole(first);
    assert.equal(await code(chassis, control, [on]), 0);
    first.machine.bootTime = "2026-01-01T10:00:00Z";
    first.push();
    await new Promise(setImmediate);
    const second = await openConsole(startBmc("2026-01-01T10:00:03Z"));
    assert.deepEqual(await second.data(chassis, 0x07), [1, 1]);
    assert.deepEqual(await second.data(chassis, status), [0x01, 0x10, 0x40]);
    const third = await openConsole(startBmc("2026-01-01T11:00:00Z"));
    assert.deepEqual(await third.data(chassis, 0x07), [0, 1]);
    assert.deepEqual(await third.data(chassis, status), [0x01, 0x00, 0x40]);
    await new Promise(setImmediate);
    assert.deepEqual(await (await openConsole(startBmc("2026-01-01T11:00:00Z"))).data(chassis, 0x07), [0, 1]);
  });

  test("a start that shows only after its command was answered is still the command's", async () => {
    bmc.push();
    bmc.machine.onChange = () => undefined;
    assert.equal(await console.code(chassis, control, [on]), 0);
    bmc.pass(30_000);
    bmc.push();
    assert.deepEqual(await console.data(chassis, 0x07), [1, 1]);
    assert.deepEqual(await console.data(chassis, status), [0x01, 0x10, 0x40]);
  });

  test("a reset that shows as off and on again is still the command's, but no later start is", async () => {
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.equal(await console.code(chassis, control, [reset]), 0);
    const flicker = (): void => {
      bmc.machine.state = "poweredOff";
      bmc.push();
      bmc.machine.state = "poweredOn";
      bmc.push();
    };
    flicker();
    assert.deepEqual(await console.data(chassis, 0x07), [1, 1]);
    flicker();
    assert.deepEqual(await console.data(chassis, 0x07), [0, 1]);
    assert.equal(await console.code(chassis, control, [reset]), 0);
    bmc.pass(30_000);
    flicker();
    assert.deepEqual(await console.data(chassis, 0x07), [0, 1]);
  });

  test("a start that failed is not the reason of a later one by another hand", async () => {
    bmc.push();
    bmc.machine.failure = new MachineError("invalidState", "no");
    assert.equal(await console.code(chassis, control, [on]), 0xd5);
    bmc.machine.failure = undefined;
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.deepEqual(await console.data(chassis, 0x07), [0, 1]);
  });
});

describe("Chassis Identify (§28.5)", () => {
  const state = async (): Promise<number> => (await console.data(chassis, status))[2]!;

  test("is on for 15 s by itself, for as long as asked, until turned off, or until told otherwise", async () => {
    assert.equal(await console.code(chassis, 0x04), 0);
    assert.equal(await state(), 0x50);
    bmc.pass(14_999);
    assert.equal(await state(), 0x50);
    bmc.pass(1);
    assert.equal(await state(), 0x40);
    assert.equal(await console.code(chassis, 0x04, [200]), 0);
    // Sessions end after a minute of silence.
    for (let second = 0; second < 199; second++) {
      bmc.pass(1_000);
      assert.equal(await state(), 0x50);
    }
    assert.equal(await console.code(chassis, 0x04, [0]), 0);
    assert.equal(await state(), 0x40);
    assert.equal(await console.code(chassis, 0x04, [5, 1]), 0);
    bmc.pass(50_000);
    assert.equal(await state(), 0x60);
    assert.equal(await console.code(chassis, 0x04, [0, 0]), 0);
    assert.equal(await state(), 0x40);
  });

  test("three bytes are C7h", async () => assert.equal(await console.code(chassis, 0x04, [1, 1, 1]), 0xc7));
});

describe("power restore policy (§28.8)", () => {
  const supported = [0x07];

  test("is set, shown by the chassis status, and kept over a restart", async () => {
    const storage = createInMemoryStorage();
    const { data, code } = await openConsole(createTestBmc({ storage }));
    assert.deepEqual(await data(chassis, 0x06, [2]), supported);
    assert.equal((await data(chassis, status))[0], 0x40);
    assert.deepEqual(await data(chassis, 0x06, [3]), supported, "3 asks for what is supported");
    assert.equal((await data(chassis, status))[0], 0x40);
    assert.equal(await code(chassis, 0x06, [4]), 0xcc);
    const again = await openConsole(createTestBmc({ storage }));
    assert.equal((await again.data(chassis, status))[0], 0x40);
  });

  /** [policy, was on when last seen, is found, switched on] */
  const cases = [
    [0, true, "poweredOff", false],
    [1, true, "poweredOff", true],
    [1, false, "poweredOff", false],
    [2, false, "poweredOff", true],
    [2, false, "suspended", false],
    [2, true, "poweredOn", false],
  ] as const;
  for (const [policy, wasOn, found, switchedOn] of cases) {
    test(`policy ${policy}, ${wasOn ? "on" : "off"} before, found ${found}: ${switchedOn ? "on" : "as it is"}`, async () => {
      const storage = createInMemoryStorage();
      const before = createTestBmc({ storage });
      before.machine.state = "poweredOff";
      before.push();
      const session = await openConsole(before);
      await session.data(chassis, 0x06, [policy]);
      before.machine.state = wasOn ? "poweredOn" : "poweredOff";
      before.push();
      await session.data(chassis, status);
      const after = createTestBmc({ storage });
      after.machine.state = found;
      after.push();
      const later = await openConsole(after);
      assert.deepEqual(after.machine.operations, switchedOn ? ["on"] : []);
      const cause = { 0: 0, 1: 7, 2: 6 }[policy];
      assert.deepEqual(await later.data(chassis, 0x07), [switchedOn ? cause : 0, 1]);
      after.machine.state = "poweredOff";
      after.push();
      await later.data(chassis, status);
      assert.deepEqual(after.machine.operations, switchedOn ? ["on"] : [], "only the start of the BMC counts");
    });
  }
});

describe("power cycle interval (§28.9)", () => {
  test("is used by power cycle and kept over a restart", async () => {
    const storage = createInMemoryStorage();
    const first = createTestBmc({ storage });
    const session = await openConsole(first);
    assert.equal(await session.code(chassis, control, [cycle]), 0);
    assert.equal(first.machine.cycleIntervalMs, 0);
    assert.equal(await session.code(chassis, 0x0b, [10]), 0);
    const second = createTestBmc({ storage });
    const later = await openConsole(second);
    assert.equal(await later.code(chassis, control, [cycle]), 0);
    assert.equal(second.machine.cycleIntervalMs, 10_000);
  });
});

describe("Get POH Counter (§28.14)", () => {
  test("counts minutes since vSphere says that the machine was switched on", async () => {
    bmc.machine.state = "poweredOn";
    bmc.machine.bootTime = new Date(bmc.now - 90 * 60_000 - 59_000).toISOString();
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 90, 0, 0, 0]);
    bmc.machine.bootTime = new Date(bmc.now + 5_000).toISOString();
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 0, 0, 0, 0], "vCenter's clock is ahead");
    bmc.machine.state = "poweredOff";
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 0, 0, 0, 0]);
  });

  test("counts from when the BMC saw the machine on, where vSphere does not tell since when it is", async () => {
    bmc.machine.state = "poweredOn";
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 0, 0, 0, 0], "the BMC has not been told either");
    bmc.push();
    for (const minutes of [0, 1, 2]) {
      assert.deepEqual(await console.data(chassis, 0x0f), [1, minutes, 0, 0, 0]);
      // Sessions end after a minute of silence.
      bmc.pass(30_000);
      await console.data(chassis, status);
      bmc.pass(30_000);
      bmc.push();
    }
    bmc.machine.state = "poweredOff";
    bmc.push();
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 0, 0, 0, 0]);
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 0, 0, 0, 0]);
  });

  test("takes the uptime that vSphere tells, where it tells no boot time and the BMC has seen less", async () => {
    bmc.machine.state = "poweredOn";
    bmc.push();
    bmc.machine.live = { uptimeSeconds: 2 * 3_600 };
    assert.deepEqual(await console.data(chassis, 0x0f), [1, 120, 0, 0, 0]);
  });

  test("is C0h while vCenter is away, as every other state of the machine", async () => {
    bmc.machine.failure = new MachineError("unavailable", "away");
    assert.equal(await console.code(chassis, 0x0f), 0xc0);
  });
});

test("Set Chassis Capabilities is taken without effect, as §28.7 says of read-only values", async () => {
  const before = await console.data(chassis, 0x00);
  assert.equal(await console.code(chassis, 0x05, [3, 0x22, 0x22, 0x22, 0x22]), 0);
  assert.deepEqual(await console.data(chassis, 0x00), before);
  assert.equal(await console.code(chassis, 0x05, [3]), 0xc7);
});

test("a VM has no front panel buttons to enable (C1h, §28.6)", async () =>
  assert.equal(await console.code(chassis, 0x0a, [0]), 0xc1));

describe("boot initiator info and mailbox (§28.12, parameters 6 and 7)", () => {
  test("the initiator info is kept as it was written", async () => {
    const info = [1, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80];
    assert.deepEqual(await console.data(chassis, 0x09, [6, 0, 0]), [1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(await console.code(chassis, 0x08, [6, ...info]), 0);
    assert.deepEqual(await console.data(chassis, 0x09, [6, 0, 0]), [1, 6, ...info]);
    assert.equal(await console.code(chassis, 0x08, [6, 1]), 0xc7);
  });

  test("the mailbox has five blocks of 16 bytes, and a short write leaves the rest of its block", async () => {
    const block = Array.from({ length: 16 }, (_, index) => 0xa0 + index);
    assert.equal(await console.code(chassis, 0x08, [7, 4, ...block]), 0);
    assert.equal(await console.code(chassis, 0x08, [7, 4, 1, 2, 3]), 0);
    assert.deepEqual(await console.data(chassis, 0x09, [7, 4, 0]), [1, 7, 4, 1, 2, 3, ...block.slice(3)]);
    assert.deepEqual(await console.data(chassis, 0x09, [7, 0, 0]), [1, 7, 0, ...Array<number>(16).fill(0)]);
    assert.equal(await console.code(chassis, 0x09, [7, 5, 0]), 0xc9);
    assert.equal(await console.code(chassis, 0x08, [7, 5, 1]), 0xc9);
    assert.equal(await console.code(chassis, 0x08, [7, 0, ...block, 1]), 0xc7);
  });

  test("a parameter is marked invalid and valid again without a change of its data", async () => {
    assert.equal(await console.code(chassis, 0x08, [1, 7]), 0);
    assert.equal(await console.code(chassis, 0x08, [0x81]), 0);
    assert.deepEqual(await console.data(chassis, 0x09, [1, 0, 0]), [1, 0x81, 7]);
    assert.equal(await console.code(chassis, 0x08, [1]), 0);
    assert.deepEqual(await console.data(chassis, 0x09, [1, 0, 0]), [1, 0x01, 7]);
  });

  test("the boot info acknowledge is written bit by bit through its mask", async () => {
    assert.equal(await console.code(chassis, 0x08, [4, 0xff, 0xff]), 0);
    assert.equal(await console.code(chassis, 0x08, [4, 0x01, 0x00]), 0);
    assert.deepEqual(await console.data(chassis, 0x09, [4, 0, 0]), [1, 4, 0, 0x1e]);
  });
});

describe("boot flags (§28.12, parameter 5)", () => {
  const read = (): Promise<number[]> => console.data(chassis, 0x09, [5, 0, 0]);

  test("a legacy boot and a UEFI boot, as ipmitool's options=efiboot asks, are read back as they were set", async () => {
    assert.equal(await console.code(chassis, 0x08, [5, 0xe0, 0x04, 0, 0, 0]), 0);
    assert.deepEqual(bmc.machine.override, { device: "pxe", persistent: true });
    assert.deepEqual(await read(), [1, 5, 0xe0, 0x04, 0, 0, 0]);
    assert.equal(await console.code(chassis, 0x08, [5, 0xc0, 0x04, 0, 0, 0]), 0);
    assert.deepEqual(await read(), [1, 5, 0xc0, 0x04, 0, 0, 0]);
  });

  test("data 3 to 5 are kept, and so is the lock of the reset button, which a VM does not have", async () => {
    assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x05, 0x62, 0x09, 0x03]), 0);
    assert.deepEqual(await read(), [1, 5, 0x80, 0x05, 0x62, 0x09, 0x03]);
  });

  test("clearing the CMOS, locking the keyboard and blanking the screen, which a VM cannot do, are CCh", async () => {
    assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x14, 0, 0, 0]), 0);
    for (const bit of [0x80, 0x40, 0x02]) {
      assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x04 | bit, 0, 0, 0]), 0xcc);
      assert.equal(await console.code(chassis, 0x08, [5, 0x80, bit, 0, 0, 0]), 0xcc, "without a device");
    }
    assert.deepEqual(await read(), [1, 5, 0x80, 0x14, 0, 0, 0]);
    assert.equal(await console.code(chassis, 0x08, [5, 0x00, 0x80, 0, 0, 0]), 0, "flags that are not valid");
  });

  test("flags that the machine refuses change nothing", async () => {
    assert.equal(await console.code(chassis, 0x08, [5, 0xa0, 0x04, 0, 0, 0]), 0);
    assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x10, 0xff, 0, 0]), 0xcc);
    assert.deepEqual(await read(), [1, 5, 0xa0, 0x04, 0, 0, 0]);
  });

  test("a device that someone chose in vSphere is reported with the boot type set last", async () => {
    assert.equal(await console.code(chassis, 0x08, [5, 0xe0, 0x04, 0, 0, 0]), 0);
    bmc.machine.override = { device: "cdrom", persistent: true };
    assert.deepEqual(await read(), [1, 5, 0xe0, 0x14, 0, 0, 0]);
    assert.equal(await console.code(chassis, 0x08, [5, 0, 0, 0, 0, 0]), 0);
    assert.deepEqual(await read(), [1, 5, 0, 0, 0, 0, 0]);
  });
});

describe("the end of a boot device for the next start (§28.12, parameters 3 and 5)", () => {
  const setPxe = (...flags: number[]): Promise<number> =>
    console.code(chassis, 0x08, [5, flags[0] ?? 0x80, 0x04, 0, 0, 0]);

  test("it is taken back 60 s after it was set, when no Chassis Control came", async () => {
    assert.equal(await setPxe(), 0);
    bmc.pass(59_000);
    assert.deepEqual(bmc.machine.override, { device: "pxe", persistent: false });
    bmc.pass(2_000);
    await new Promise(setImmediate);
    assert.equal(bmc.machine.override, undefined);
  });

  test("a Chassis Control that does not start the machine begins the 60 s again", async () => {
    assert.equal(await setPxe(), 0);
    bmc.pass(50_000);
    assert.equal(await console.code(chassis, control, [off]), 0);
    bmc.pass(50_000);
    await new Promise(setImmediate);
    assert.deepEqual(bmc.machine.override, { device: "pxe", persistent: false });
    bmc.pass(11_000);
    await new Promise(setImmediate);
    assert.equal(bmc.machine.override, undefined);
  });

  test("one that the vCenter link keeps for good, as next_boot = persistent asks, stays", async () => {
    assert.equal(await setPxe(), 0);
    bmc.machine.override = { device: "pxe", persistent: true };
    bmc.pass(61_000);
    await new Promise(setImmediate);
    assert.deepEqual(bmc.machine.override, { device: "pxe", persistent: true });
  });

  test("with a wish for the firmware set-up the device behind it comes back, not no device at all", async () => {
    bmc.machine.override = { device: "cdrom", persistent: true };
    assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x18, 0, 0, 0]), 0);
    assert.deepEqual(bmc.machine.override, { device: "bios", persistent: false });
    bmc.pass(61_000);
    await new Promise(setImmediate);
    assert.deepEqual(bmc.machine.override, { device: "cdrom", persistent: true });
  });

  for (const [what, prepare] of [
    ["that a Chassis Control has used", () => console.code(chassis, control, [on])],
    ["that parameter 3 keeps, as ironic and pyghmi ask", () => console.code(chassis, 0x08, [3, 0x08])],
    ["for good", () => setPxe(0xc0)],
  ] as const) {
    test(`one ${what} stays`, async () => {
      assert.equal(await setPxe(), 0);
      assert.equal(await prepare(), 0);
      bmc.pass(120_000);
      await new Promise(setImmediate);
      assert.equal(bmc.machine.override?.device, "pxe");
    });
  }
});
