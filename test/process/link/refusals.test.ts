/** A refusal is an answer: the session goes on, what can be done is done, and the others learn what is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { swapUuid } from "../../../src/vsphere/smbiosUuid.js";
import { until } from "../../support/patience.js";
import { isOff, isOn, isState, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();

const noPermission = { kind: "fault", type: "NoPermission", message: "Permission was denied." } as const;

/** The reason with which a VM is denied. */
async function denial(served: ServedLink, vmName: string): Promise<string> {
  const report = await served.reported(vmName, (latest) => !latest.fresh && latest.kind === "denied");
  return report.fresh ? "" : report.reason;
}

test("an account that may not list the inventory works for VMs by any of their UUIDs; the others learn why", async () => {
  const served = await open({ simulator: { vms: 4 } });
  served.simulator.rules.add({ method: "CreateContainerView", misbehaviour: noPermission });
  const { directory } = served;
  served.link.serve([
    { vmName: "a", vmUuid: served.vm("vm-01").instanceUuid, directory },
    { vmName: "b", vmUuid: served.vm("vm-02").uuid, directory },
    { vmName: "vm-03", directory },
    { vmName: "d", vmUuid: swapUuid(served.vm("vm-04").uuid), directory },
  ]);
  await Promise.all(["a", "b", "d"].map((vmName) => served.reported(vmName, isOff)));
  assert.match(
    await denial(served, "vm-03"),
    /does not let .* look for the VM vm-03 by name: NoPermission: .*--vm-uuid/,
  );
  await served.machine("b").power("on");
  await served.reported("b", isOn);
  await assert.rejects(served.machine("vm-03").power("on"), { kind: "denied" });
  assert.deepEqual([served.calls("Login"), served.simulator.sessions.count()], [1, 1]);
});

test("what was refused is looked for again by itself in the same session, since a role may have been granted", async () => {
  const served = await open({ maxLookUpPauseMs: 200 });
  served.simulator.rules.add({ method: "CreateContainerView", times: 1, misbehaviour: noPermission });
  served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
  await denial(served, "vm-01");
  await served.reported("vm-01", isOff);
  assert.deepEqual([served.calls("CreateContainerView"), served.calls("Login")], [2, 1]);
});

for (const method of ["CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx"]) {
  test(`a server that refuses ${method} keeps the session: state is read when asked for, commands are carried out`, async () => {
    const served = await open();
    served.simulator.rules.add({ method, misbehaviour: noPermission });
    served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
    assert.match(await denial(served, "vm-01"), /NoPermission: Permission was denied/);
    const machine = served.machine("vm-01");
    assert.equal(await machine.powerState(), "poweredOff");
    await machine.power("on");
    assert.equal(await machine.powerState(), "poweredOn");
    served.simulator.rules.clear();
    assert.ok(!served.messages.some(isState("reconnecting")));
    assert.deepEqual([served.calls("Login"), served.simulator.sessions.count()], [1, 1]);
  });
}

test("a server that refuses CurrentTime is there: the session is kept", async () => {
  const served = await open({ intervals: { idle: 20, watching: 20 } });
  served.simulator.rules.add({ method: "CurrentTime", misbehaviour: noPermission });
  await served.serve("vm-01");
  await until("three calls", () => served.calls("CurrentTime") >= 3);
  assert.ok(!served.messages.some(isState("reconnecting")));
  assert.equal(served.calls("Login"), 1);
});
