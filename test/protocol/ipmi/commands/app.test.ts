import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { MachineError } from "../../../../src/model/machine/errors.js";
import { app, chassis, type Console, field, openConsole } from "../../../support/administrator.js";
import { createTestBmc, logIn, type TestBmc } from "../../../support/testBmc.js";

let bmc: TestBmc;
let console: Console;

beforeEach(async () => {
  bmc = createTestBmc();
  console = await openConsole(bmc);
});

describe("cold and warm reset (§20.2-3)", () => {
  for (const [name, command] of [
    ["Cold Reset", 0x02],
    ["Warm Reset", 0x03],
  ] as const) {
    test(`${name} is answered, ends all sessions and leaves the VM alone`, async () => {
      const other = logIn(bmc);
      assert.equal(await console.code(app, command), 0);
      assert.deepEqual(bmc.exchange(console.session.packet(app, 0x01)), []);
      assert.deepEqual(bmc.exchange(other.packet(app, 0x01)), []);
      assert.deepEqual(bmc.machine.operations, []);
      logIn(bmc);
    });
  }

  for (const [what, end] of [
    ["a cold reset", (own: Console) => own.code(app, 0x02)],
    ["a warm reset", (own: Console) => own.code(app, 0x03)],
    ["its user's end", (own: Console) => own.code(app, 0x43, [0x91, 2, 0x02, 0])],
  ] as const) {
    test(`after ${what} a client closes its session as ever, and nothing else goes on in it (ipmitool)`, async () => {
      await console.code(app, 0x45, [3, ...field("second", 16)]);
      await console.code(app, 0x43, [0x91, 3, 0x04, 0]);
      await console.code(app, 0x47, [3, 2, ...field("password", 16)]);
      await console.code(app, 0x47, [3, 1]);
      assert.equal(await end(console), 0);
      assert.equal(bmc.responder.openSessions(), 0);
      assert.deepEqual(bmc.exchange(console.session.packet(app, 0x01)), []);
      const id = Buffer.alloc(4);
      id.writeUInt32LE(console.session.keys.managedSessionId);
      assert.equal(await console.code(app, 0x3c, [...id]), 0);
      assert.deepEqual(bmc.exchange(console.session.packet(app, 0x3c, [...id])), []);
    });
  }

  test("a client has 3 s to close the session that a reset has ended", async () => {
    assert.equal(await console.code(app, 0x03), 0);
    bmc.pass(3_000);
    const id = Buffer.alloc(4);
    id.writeUInt32LE(console.session.keys.managedSessionId);
    assert.deepEqual(bmc.exchange(console.session.packet(app, 0x3c, [...id])), []);
  });

  test("Cold Reset forgets what is volatile: boot options, identify, a running watchdog", async () => {
    assert.equal(await console.code(chassis, 0x08, [1, 7]), 0);
    assert.equal(await console.code(chassis, 0x04, [0, 1]), 0);
    assert.equal(await console.code(app, 0x24, [4, 1, 0, 0, 100, 0]), 0);
    assert.equal(await console.code(app, 0x22), 0);
    assert.equal(await console.code(app, 0x02), 0);
    const again = await openConsole(bmc);
    assert.deepEqual(await again.data(chassis, 0x09, [1, 0, 0]), [1, 1, 0]);
    assert.equal((await again.data(chassis, 0x01))[2], 0x40);
    assert.equal((await again.data(app, 0x25))[0], 0x04);
    bmc.pass(20_000);
    assert.deepEqual(bmc.machine.operations, []);
  });

  test("a USER may not reset the BMC", async () => {
    const user = logIn(bmc);
    assert.equal((await user.request(app, 0x02)).code, 0xd4);
  });
});

describe("ACPI power state (§20.6-7)", () => {
  for (const [state, value] of [
    ["poweredOn", 0x00],
    ["poweredOff", 0x05],
    ["suspended", 0x04],
  ] as const) {
    test(`a VM that is ${state} is in state ${value}`, async () => {
      bmc.machine.state = state;
      assert.deepEqual(await console.data(app, 0x07), [value, 0x00]);
    });
  }

  test("it is unknown (2Ah) while vSphere does not report it", async () => {
    bmc.machine.failure = new MachineError("unavailable", "away");
    assert.deepEqual(await console.data(app, 0x07), [0x2a, 0x00]);
  });

  test("a state that software tells is kept while the VM is on, and vSphere's word counts otherwise", async () => {
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.equal(await console.code(app, 0x06, [0x83, 0x82]), 0);
    assert.deepEqual(await console.data(app, 0x07), [0x03, 0x02]);
    assert.equal(await console.code(app, 0x06, [0x7f, 0x81]), 0);
    assert.deepEqual(await console.data(app, 0x07), [0x03, 0x01]);
    assert.equal(await console.code(app, 0x06, [0x85, 0x7f]), 0, "on its way down");
    assert.deepEqual(await console.data(app, 0x07), [0x03, 0x01]);
    bmc.machine.state = "poweredOff";
    bmc.push();
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.deepEqual(await console.data(app, 0x07), [0x00, 0x00]);
  });

  test("a state that ACPI does not have is CCh", async () => {
    assert.equal(await console.code(app, 0x06, [0x8c, 0x80]), 0xcc);
    assert.equal(await console.code(app, 0x06, [0x80, 0x84]), 0xcc);
  });
});

describe("BMC global enables (§22.1-2)", () => {
  test("event logging is on, can be turned off, and comes back when the VM starts again", async () => {
    bmc.machine.state = "poweredOn";
    bmc.push();
    assert.deepEqual(await console.data(app, 0x2f), [0x08]);
    assert.equal(await console.code(app, 0x2e, [0x00]), 0);
    assert.deepEqual(await console.data(app, 0x2f), [0x00]);
    assert.equal(await console.code(chassis, 0x02, [3]), 0);
    assert.deepEqual(await console.data(app, 0x2f), [0x08]);
  });

  test("what belongs to a system interface cannot be enabled (CCh)", async () => {
    for (const bit of [0, 1, 2, 4, 5, 6, 7]) {
      assert.equal(await console.code(app, 0x2e, [0x08 | (1 << bit)]), 0xcc);
    }
  });
});

for (const [name, command] of [
  ["Clear Message Flags", 0x30],
  ["Get Message Flags", 0x31],
  ["Get Message", 0x33],
  ["Send Message", 0x34],
  ["Read Event Message Buffer", 0x35],
  ["Get BT Interface Capabilities", 0x36],
] as const) {
  test(`${name} is C1h: there is no system interface and no other channel`, async () =>
    assert.equal(await console.code(app, command), 0xc1));
}

describe("System Info (§22.14a-b)", () => {
  const get = 0x59;
  const set = 0x58;

  test("the system name is the VM's, in blocks of 14 and 16 bytes, with zeros behind its end", async () => {
    bmc.machine.name = "a-name-of-more-than-thirty-bytes";
    assert.deepEqual(await console.data(app, get, [0, 2, 0, 0]), [0x11, 0, 0, 32, ...field("a-name-of-more", 14)]);
    assert.deepEqual(await console.data(app, get, [0, 2, 1, 0]), [0x11, 1, ...field("-than-thirty-byt", 16)]);
    assert.deepEqual(await console.data(app, get, [0, 2, 2, 0]), [0x11, 2, ...field("es", 16)]);
    assert.deepEqual(await console.data(app, get, [0, 2, 3, 0]), [0x11, 3, ...field("", 16)]);
    assert.equal(await console.code(app, get, [0, 2, 17, 0]), 0xc9);
  });

  test("a name beyond ASCII says that it is UTF-8", async () => {
    bmc.machine.name = "名前";
    assert.deepEqual(await console.data(app, get, [0, 2, 0, 0]), [0x11, 0, 1, 6, ...field("名前", 14)]);
  });

  test("the primary OS is what the VM is set up for, and the OS that runs is none while it is off", async () => {
    bmc.machine.guestFullName = "Debian 12";
    const debian = [0x11, 0, 0, 9, ...field("Debian 12", 14)];
    assert.deepEqual(await console.data(app, get, [0, 3, 0, 0]), debian);
    assert.deepEqual(await console.data(app, get, [0, 4, 0, 0]), [0x11, 0, 0, 0, ...field("", 14)]);
    bmc.machine.state = "poweredOn";
    assert.deepEqual(await console.data(app, get, [0, 4, 0, 0]), debian);
    bmc.machine.failure = new MachineError("unavailable", "away");
    assert.deepEqual(await console.data(app, get, [0, 3, 0, 0]), debian);
    assert.equal(await console.code(app, get, [0, 4, 0, 0]), 0x80, "what runs is unknown");
  });

  for (const [what, parameter] of [
    ["system name", 2],
    ["primary OS", 3],
    ["running OS", 4],
  ] as const) {
    test(`a ${what} that software writes is read back, and an empty one is replaced by what vSphere tells`, async () => {
      bmc.machine.state = "poweredOn";
      bmc.machine.name = "vm1";
      bmc.machine.guestFullName = "Debian 12";
      const fromVsphere = await console.data(app, get, [0, parameter, 0, 0]);
      assert.equal(await console.code(app, set, [parameter, 0, 1, 16, ...field("node-17.exampl", 14)]), 0);
      assert.equal(await console.code(app, set, [parameter, 1, ...field("é", 16)]), 0);
      assert.deepEqual(await console.data(app, get, [0, parameter, 0, 0]), [
        ...[0x11, 0, 1, 16],
        ...field("node-17.exampl", 14),
      ]);
      assert.deepEqual(await console.data(app, get, [0, parameter, 1, 0]), [0x11, 1, ...field("é", 16)]);
      assert.equal(await console.code(app, set, [parameter, 0, 0, 0]), 0);
      assert.deepEqual(await console.data(app, get, [0, parameter, 0, 0]), fromVsphere);
    });
  }

  test("the name of the running OS goes with it, the other names stay (table 22-16c)", async () => {
    bmc.machine.state = "poweredOn";
    bmc.push();
    bmc.machine.guestFullName = "Debian 12";
    for (const parameter of [2, 3, 4]) {
      assert.equal(await console.code(app, set, [parameter, 0, 0, 1, 0x61]), 0);
    }
    assert.equal(await console.code(chassis, 0x02, [3]), 0);
    const text = async (parameter: number): Promise<string> =>
      Buffer.from((await console.data(app, get, [0, parameter, 0, 0])).slice(4))
        .toString()
        .replaceAll("\0", "");
    assert.deepEqual([await text(2), await text(3), await text(4)], ["a", "a", "Debian 12"]);
  });

  test("what was not set is 80h, and so is what is not there", async () => {
    for (const parameter of [1, 5, 6, 7, 8, 0xc0]) {
      assert.equal(await console.code(app, get, [0, parameter, 0, 0]), 0x80);
    }
    assert.equal(await console.code(app, set, [8, 0, 0, 1, 0x61]), 0x80);
  });

  test("a string that software leaves is kept over a restart", async () => {
    const storage = createInMemoryStorage();
    const first = await openConsole(createTestBmc({ storage }));
    const url = "https://bmc.example/vm1/";
    assert.equal(await first.code(app, set, [6, 0, 0, url.length, ...field(url.slice(0, 14), 14)]), 0);
    assert.equal(await first.code(app, set, [6, 1, ...field(url.slice(14), 16)]), 0);
    const second = await openConsole(createTestBmc({ storage }));
    assert.deepEqual(await second.data(app, get, [0, 6, 0, 0]), [0x11, 0, 0, 24, ...field(url.slice(0, 14), 14)]);
    assert.deepEqual(await second.data(app, get, [0, 6, 1, 0]), [0x11, 1, ...field(url.slice(14), 16)]);
  });

  test("set in progress is kept, and bit 7 asks for the revision alone", async () => {
    assert.equal(await console.code(app, set, [0, 1]), 0);
    assert.deepEqual(await console.data(app, get, [0, 0, 0, 0]), [0x11, 1]);
    assert.equal(await console.code(app, set, [0, 2]), 0);
    assert.deepEqual(await console.data(app, get, [0, 0, 0, 0]), [0x11, 0]);
    assert.equal(await console.code(app, set, [0, 3]), 0xcc);
    assert.deepEqual(await console.data(app, get, [0x80, 2, 0, 0]), [0x11]);
  });
});

describe("command discovery (§21)", () => {
  const bitOf = (mask: readonly number[], command: number): number => (mask[command >> 3]! >> (command & 7)) & 1;

  test("Get NetFn Support lists chassis, application and transport on LUN 0 only", async () => {
    const [luns, low, ...rest] = await console.data(app, 0x09, [0x0e]);
    assert.equal(luns, 0x01);
    assert.equal(low! & 0b0100_1001, 0b0100_1001);
    assert.deepEqual(rest.slice(3), Array<number>(12).fill(0));
  });

  test("Get Command Support has a 0 for what is there, Get Command Enables a 1; nothing is configurable", async () => {
    const support = await console.data(app, 0x0a, [0x0e, chassis, 0]);
    const enables = await console.data(app, 0x61, [0x0e, chassis, 0]);
    assert.equal(support.length, 16);
    for (const [command, isThere] of [
      [0x01, true],
      [0x02, true],
      [0x0a, false],
      [0x7f, false],
    ] as const) {
      assert.equal(bitOf(support, command), isThere ? 0 : 1);
      assert.equal(bitOf(enables, command), isThere ? 1 : 0);
    }
    assert.deepEqual(await console.data(app, 0x0a, [0x0e, 0x40 | chassis, 0]), Array<number>(16).fill(0xff));
    assert.deepEqual(await console.data(app, 0x0a, [0x0e, chassis, 1]), Array<number>(16).fill(0xff), "LUN 1");
    assert.deepEqual(await console.data(app, 0x0c, [0x0e, chassis, 0]), Array<number>(16).fill(0));
  });

  test("of netFn 2Ch Get Command Support lists a body's commands, and without a body code, as ipmitool asks, all", async () => {
    const group = 0x2c;
    const [body, all, other] = await Promise.all(
      [[0xdc], [], [0x00]].map((code) => console.data(app, 0x0a, [0x0e, group, 0, ...code])),
    );
    for (const command of [0x01, 0x02, 0x06, 0x07]) {
      assert.equal(bitOf(body!, command), 0, `command ${command}`);
    }
    assert.equal(bitOf(body!, 0x7f), 1);
    assert.deepEqual(all, body);
    assert.deepEqual(other, Array<number>(16).fill(0xff), "PICMG");
    const enables = await console.data(app, 0x61, [0x0e, group, 0]);
    assert.equal(bitOf(enables, 0x02), 1);
  });

  test("Set Command Enables takes the present state, and no other (CCh)", async () => {
    const enables = await console.data(app, 0x61, [0x0e, app, 0]);
    assert.equal(await console.code(app, 0x60, [0x0e, app, 0, ...enables]), 0);
    assert.equal(await console.code(app, 0x60, [0x0e, app, 0, ...Array<number>(16).fill(0)]), 0xcc);
    assert.equal(await console.code(app, 0x60, [0x0e, app, 0]), 0xc7);
  });

  test("an operation that is reserved, and a channel that is not there, are CCh", async () => {
    assert.equal(await console.code(app, 0x0a, [0x0e, 0x80, 0]), 0xcc);
    assert.equal(await console.code(app, 0x0a, [0x02, 0, 0]), 0xcc);
    assert.equal(await console.code(app, 0x09, [0x02]), 0xcc);
  });
});

describe("payloads (§24.4-9)", () => {
  test("Get Channel Payload Support: IPMI messages, Open Session and RAKP", async () =>
    assert.deepEqual(await console.data(app, 0x4e, [0x0e]), [0x01, 0, 0x3f, 0, 0, 0, 0, 0]));

  test("Get Channel Payload Version is 1.0 for those, and 80h for SOL", async () => {
    assert.deepEqual(await console.data(app, 0x4f, [1, 0x00]), [0x10]);
    assert.deepEqual(await console.data(app, 0x4f, [1, 0x12]), [0x10]);
    assert.equal(await console.code(app, 0x4f, [1, 0x01]), 0x80);
  });

  test("no instance of a payload can be activated, and none is", async () => {
    assert.deepEqual(await console.data(app, 0x4a, [0x01]), [0, 0, 0]);
    assert.deepEqual(await console.data(app, 0x4b, [0x01, 1]), Array<number>(12).fill(0));
  });
});
