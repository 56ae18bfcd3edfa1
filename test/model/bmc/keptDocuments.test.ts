/** Whatever vSphere tells and whatever IPMI commands set: what a BMC has written, it can read again. */
import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import type { BmcStorage } from "../../../src/model/bmc/state/storage.js";
import type { MachineSnapshot } from "../../../src/model/machine/snapshot.js";
import { type Console, openConsole } from "../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../support/testBmc.js";

/** A memory as a disk is: what comes back has been JSON text in between. */
function createDisk() {
  const files = new Map<string, string>();
  const asides: string[] = [];
  const storage = (): BmcStorage => ({
    read: (document): unknown => {
      const text = files.get(document);
      return text === undefined ? undefined : JSON.parse(text);
    },
    write: (document, value) => {
      files.set(document, JSON.stringify(value));
      return Promise.resolve();
    },
    setAside: (...told) => void asides.push(told.join(": ")),
  });
  return { files, asides, storage };
}

/** All that a BMC keeps, as it is in force. */
function stateOf({ bmc }: TestBmc): unknown {
  return {
    sizes: bmc.sdr.sizes(),
    records: bmc.sdr.records(),
    restorePolicy: bmc.chassis.restorePolicy(),
    restart: [bmc.chassis.restartCause(), bmc.chassis.wasPoweredOnByCommand()],
    cycleInterval: bmc.chassis.cycleIntervalSeconds(),
    watchdog: { ...bmc.watchdog.state(), isRunning: undefined, presentCountdown: undefined },
    users: bmc.users.all(),
    community: bmc.lanSettings.communityString(),
    cipherLimits: Array.from({ length: 16 }, (_, id) => bmc.lanSettings.cipherSuiteLimit(id)),
    channel: bmc.channel.nonVolatile(),
    systemInfo: [1, 5, 6, 7].map((parameter) => bmc.systemInfo.read(parameter)),
    offset: bmc.clock.utcOffset(),
    time: bmc.clock.now(),
    tag: bmc.asset.tag(),
    controllerId: bmc.asset.controllerId(),
  };
}

const extremes = [0, -0, -1, 0.5, NaN, Infinity, -Infinity, 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, Number.MAX_VALUE];
const hostileNumber = fc.oneof(fc.constantFrom(...extremes), fc.double(), fc.integer());
const texts = ["", "\0", "\ud800", "\ufeffé", "🖥".repeat(100), "x".repeat(10_000), "__proto__", '"\\\n'];
const hostileText = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: "binary" }));

const hostileSnapshot: fc.Arbitrary<MachineSnapshot> = fc.record(
  {
    powerState: fc.constantFrom("poweredOn", "poweredOff", "suspended"),
    name: hostileText,
    instanceUuid: hostileText,
    biosUuid: hostileText,
    guestFullName: hostileText,
    guestHostName: hostileText,
    hardwareVersion: hostileText,
    bootTime: hostileText,
    cpuCount: hostileNumber,
    memorySizeMb: hostileNumber,
    cpuCapacityMhz: hostileNumber,
  },
  { requiredKeys: ["powerState"] },
);

const app = 0x06;
const chassis = 0x00;
const storage = 0x0a;
const transport = 0x0c;
const dcmi = 0x2c;

/** Every command that changes what is kept: netFn, command, first bytes, and how many follow at most. */
const setters: readonly (readonly [number, number, readonly number[], number])[] = [
  [app, 0x24, [], 6],
  [app, 0x22, [], 0],
  [app, 0x40, [1], 2],
  ...[2, 3, 16].flatMap((id) => [
    [app, 0x45, [id], 16] as const,
    [app, 0x47, [id, 2], 16] as const,
    [app, 0x47, [0x80 | id, 2], 20] as const,
    [app, 0x43, [0x91, id], 1] as const,
    [app, 0x4c, [1, id], 4] as const,
  ]),
  ...[1, 5, 6, 7].map((parameter) => [app, 0x58, [parameter], 18] as const),
  ...[0, 1, 15].map((block) => [app, 0x58, [1, block], 16] as const),
  [chassis, 0x06, [], 1],
  [chassis, 0x0b, [], 1],
  [storage, 0x44, [], 16],
  [storage, 0x49, [], 4],
  [storage, 0x5d, [], 2],
  [storage, 0x12, [0, 0, 0], 20],
  [transport, 0x01, [1, 16], 18],
  [transport, 0x01, [1, 24], 9],
  [dcmi, 0x08, [0xdc, 0], 17],
  [dcmi, 0x0a, [0xdc, 0], 17],
];

/** Requests that succeed, at the ends of what they may carry. */
const successes: readonly (readonly [number, number, number[]])[] = [
  [app, 0x24, [0x85, 0x23, 0xff, 0, 0xff, 0xff]],
  [app, 0x24, [0x01, 0x00, 0x00, 0x3e, 0x00, 0x00]],
  [app, 0x40, [1, 0x43, 0x45]],
  [app, 0x40, [1, 0x62, 0x44]],
  [chassis, 0x02, [0x01]],
  [chassis, 0x02, [0x03]],
  [chassis, 0x06, [0x01]],
  [chassis, 0x0b, [0xff]],
  [storage, 0x49, [0xff, 0xff, 0xff, 0xff]],
  [storage, 0x5d, [0xff, 0x07]],
  [storage, 0x5d, [0x60, 0xfa]],
  [dcmi, 0x08, [0xdc, 0, 3, 0xef, 0xbb, 0xbf]],
  [dcmi, 0x0a, [0xdc, 0, 2, 0xff, 0x00]],
];

type Step = { readonly snapshot: MachineSnapshot } | { readonly request: readonly [number, number, number[]] };

const anySetter = fc.constantFrom(...setters).chain(([netFn, command, head, rest]) =>
  fc
    .oneof(
      fc.uint8Array({ minLength: rest, maxLength: rest }),
      fc.constantFrom(0, 0x20, 0x44, 0xff).map((byte) => new Uint8Array(rest).fill(byte)),
    )
    .map((tail): Step => ({ request: [netFn, command, [...head, ...tail]] })),
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  hostileSnapshot.map((snapshot): Step => ({ snapshot })),
  anySetter,
  fc.constantFrom(...successes).map((request): Step => ({ request })),
);

test("what hostile values of vSphere and of commands have left is read again, and is what was in force", async () => {
  const kept = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 25 }), async (steps) => {
      const disk = createDisk();
      const before = createTestBmc({ storage: disk.storage() });
      const console: Console = await openConsole(before);
      for (const step of steps) {
        if ("snapshot" in step) {
          before.bmc.observe(step.snapshot);
        } else {
          await console.code(...step.request);
        }
      }
      // What the BMC keeps by itself is written by and by.
      await new Promise(setImmediate);
      const after = createTestBmc({ storage: disk.storage() });
      assert.deepEqual(disk.asides, []);
      assert.deepEqual(stateOf(after), stateOf(before));
      for (const document of disk.files.keys()) {
        kept.add(document);
      }
    }),
    { numRuns: 300 },
  );
  const all = ["asset", "channel", "chassis", "clock", "lan", "sdr", "system-info", "users", "watchdog"];
  assert.deepEqual([...kept].sort(), all, "every document was written at some time");
});

test("a VM without a CPU capacity: the scales stay usual ones, and the next start finds its BMC", async () => {
  for (const cpuCapacityMhz of [0, -1, NaN]) {
    const disk = createDisk();
    const { bmc } = createTestBmc({ storage: disk.storage() });
    bmc.observe({ powerState: "poweredOff", cpuCapacityMhz, memorySizeMb: 65_536 });
    await new Promise(setImmediate);
    assert.deepEqual(bmc.sdr.sizes(), { cpuCapacityMhz: 10_000, memorySizeMb: 65_536 });
    createTestBmc({ storage: disk.storage() });
    assert.deepEqual(disk.asides, []);
  }
});

test("documents with hostile values, as an editor or an older version may have left them, keep no BMC from starting", () => {
  const values = [null, [], {}, "", 0, { sizes: { cpuCapacityMhz: 0, memorySizeMb: 1 }, changedAt: 0 }];
  for (const document of ["asset", "channel", "chassis", "clock", "lan", "sdr", "users", "watchdog"]) {
    for (const value of values) {
      const disk = createDisk();
      disk.files.set(document, JSON.stringify(value));
      const { bmc } = createTestBmc({ storage: disk.storage() });
      assert.match(disk.asides.join("\n"), new RegExp(`^${document}: `), JSON.stringify(value));
      assert.deepEqual(bmc.sdr.sizes(), { cpuCapacityMhz: 10_000, memorySizeMb: 16_384 });
    }
  }
});

test("a file of users that would let no user administer the BMC, or has a slot twice, is set aside", async () => {
  const disk = createDisk();
  const console = await openConsole(createTestBmc({ storage: disk.storage() }));
  assert.equal(await console.code(app, 0x45, [3, ...Buffer.from("joe".padEnd(16, "\0"))]), 0);
  const kept = JSON.parse(disk.files.get("users") ?? "") as { users: Record<string, unknown>[] };
  const [account] = kept.users;
  for (const users of [[], [{ ...account, enabled: false }], [{ ...account, name: "" }], [account, account]]) {
    disk.files.set("users", JSON.stringify({ ...kept, users }));
    disk.asides.length = 0;
    const { bmc } = createTestBmc({ storage: disk.storage() });
    assert.match(disk.asides.join("\n"), /^users: users has (no administrator|a slot twice)$/);
    assert.ok(bmc.users.findByName(Buffer.from(String(account?.["name"])), 4));
  }
});
