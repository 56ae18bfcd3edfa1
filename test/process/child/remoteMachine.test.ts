/** What a BMC's process remembers of its VM, and when it asks anew. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { MachineOperation } from "../../../src/model/machine/operation.js";
import type { MachineSnapshot } from "../../../src/model/machine/snapshot.js";
import { createRemoteMachine } from "../../../src/process/child/remoteMachine.js";

function create() {
  const asked: MachineOperation["name"][] = [];
  const machine = createRemoteMachine((operation) => {
    asked.push(operation.name);
    return Promise.resolve({ ok: true, value: undefined } as never);
  });
  const report = (snapshot: Partial<MachineSnapshot>): void =>
    machine.receive({ fresh: true, snapshot: { powerState: "poweredOff", changeVersion: "1", ...snapshot } });
  const reads = (): number => asked.filter((name) => name === "readBootOverride").length;
  return { machine, report, reads };
}

test("the boot device is asked for once, as long as nothing tells of a change", async () => {
  const { machine, report, reads } = create();
  report({});
  for (let round = 0; round < 5; round++) {
    await machine.bootOverride();
    report({ overallStatus: round % 2 === 0 ? "green" : "red" });
  }
  assert.equal(reads(), 1);
});

for (const [what, change] of [
  ["another configuration", { changeVersion: "2" }],
  ["a start", { powerState: "poweredOn" }],
  ["another start", { bootTime: "2026-11-27T09:00:00Z" }],
] as const) {
  test(`${what} has it asked for anew`, async () => {
    const { machine, report, reads } = create();
    report({});
    await machine.bootOverride();
    report(change);
    await machine.bootOverride();
    assert.equal(reads(), 2);
  });
}

test("so do what the BMC itself does to the VM, and the news that it failed after all", async () => {
  const { machine, report, reads } = create();
  report({});
  const changes = [
    () => machine.setBootOverride({ device: "pxe", persistent: false }),
    () => machine.power("reset"),
    () => machine.configure({}),
    () => Promise.resolve(machine.operationFailed()),
  ];
  await machine.bootOverride();
  for (const change of changes) {
    await change();
    await machine.bootOverride();
  }
  assert.equal(reads(), 1 + changes.length);
});

test("while vCenter does not vouch for the VM, or numbers no configurations, every question is asked", async () => {
  const { machine, report, reads } = create();
  await machine.bootOverride();
  report({});
  machine.receive({ fresh: false, kind: "unavailable", reason: "away" });
  await machine.bootOverride();
  machine.receive({ fresh: true, snapshot: { powerState: "poweredOff" } });
  await machine.bootOverride();
  await machine.bootOverride();
  assert.equal(reads(), 4);
});
