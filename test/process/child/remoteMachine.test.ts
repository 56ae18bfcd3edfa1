/** What a BMC's process keeps of its VM, and when it asks the link. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { BootOverride } from "../../../src/model/machine/machine.js";
import type { MachineOperation, MachineOperationResult } from "../../../src/model/machine/operation.js";
import type { MachineSnapshot } from "../../../src/model/machine/snapshot.js";
import { createRemoteMachine, type RemoteMachine } from "../../../src/process/child/remoteMachine.js";

interface Link {
  readonly machine: RemoteMachine;
  readonly asked: string[];
  /** When the answers stop being of use, ms since the epoch. */
  readonly deadlines: number[];
  override: BootOverride | undefined;
  readonly report: (snapshot?: Partial<MachineSnapshot>) => void;
}

/** A link that answers at once. */
function createLink(): Link {
  const link: Link = {
    asked: [],
    deadlines: [],
    override: { device: "pxe", persistent: false },
    machine: createRemoteMachine((operation: MachineOperation, deadline) => {
      link.asked.push(operation.name);
      link.deadlines.push(deadline);
      const value = operation.name === "readBootOverride" ? link.override : undefined;
      return Promise.resolve({ ok: true, value } as MachineOperationResult);
    }),
    report: (snapshot = {}) =>
      link.machine.receive({ fresh: true, snapshot: { powerState: "poweredOff", changeVersion: "1", ...snapshot } }),
  };
  return link;
}

test("the boot device is asked for once, however often it is read while nothing tells of a change", async () => {
  const link = createLink();
  link.report();
  for (let count = 0; count < 20; count++) {
    assert.deepEqual(await link.machine.bootOverride(), { device: "pxe", persistent: false });
  }
  assert.deepEqual(link.asked, ["readBootOverride"]);
});

const changes: readonly (readonly [string, (link: Link) => unknown])[] = [
  ["the link reports on the VM", ({ report }) => report({ powerState: "poweredOn" })],
  ["the link repeats its report, since a start has used it up", ({ report }) => report()],
  ["it is set", ({ machine }) => machine.setBootOverride({ device: "disk", persistent: true })],
  ["the VM is switched", ({ machine }) => machine.power("reset")],
  ["setting it failed after the answer", ({ machine }) => machine.operationFailed()],
];

for (const [what, change] of changes) {
  test(`the boot device is asked for again when ${what}`, async () => {
    const link = createLink();
    link.report();
    await link.machine.bootOverride();
    link.override = undefined;
    await change(link);
    assert.equal(await link.machine.bootOverride(), undefined);
  });
}

test("while the VM's state is stale its boot device is asked for each time", async () => {
  const link = createLink();
  link.report();
  await link.machine.bootOverride();
  link.machine.receive({ fresh: false, kind: "unavailable", reason: "vCenter is away" });
  await link.machine.bootOverride();
  await link.machine.bootOverride();
  assert.equal(link.asked.length, 3);
});

test("a power command waits as long as its client can: an IPMI client 1.7 s, others what they say", async () => {
  const link = createLink();
  const begun = Date.now();
  await link.machine.power("on");
  await link.machine.power("on", { timeoutMs: 600_000 });
  const [usual = 0, patient = 0] = link.deadlines.map((deadline) => deadline - begun);
  assert.ok(usual >= 1_700 && usual < 600_000 && patient >= 600_000, `${usual} ${patient}`);
});

test("a server that does not number its configurations is asked for the boot device each time", async () => {
  const link = createLink();
  link.report();
  link.machine.receive({ fresh: true, snapshot: { powerState: "poweredOff" } });
  await link.machine.bootOverride();
  await link.machine.bootOverride();
  assert.equal(link.asked.length, 2);
});
