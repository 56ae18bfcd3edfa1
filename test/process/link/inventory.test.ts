/** Which VM a BMC stands for: by name or UUID, found once, kept by its reference, looked for again when that is gone. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { ServedMachine } from "../../../src/process/ipc/configuration.js";
import type { VmDefinition } from "../../../src/simulator/index.js";
import { account, isOff, isOn, linksOfThisFile, type ServedLink, switchElsewhere } from "../../support/servedLink.js";

const open = linksOfThisFile();

async function reasonFor(served: ServedLink, machine: ServedMachine): Promise<string> {
  served.link.serve([machine]);
  const report = await served.reported(machine.vmName, ({ fresh }) => !fresh);
  assert.ok(!report.fresh);
  // Connecting is what is reported first.
  if (report.kind === "busy") {
    const found = await served.reported(machine.vmName, (latest) => !latest.fresh && latest.kind === "notFound");
    return found.fresh ? "" : found.reason;
  }
  return report.reason;
}

const oddNames = [
  "a/b\\c%d",
  "literal %2f",
  " leading and trailing ",
  `& < > " ' ] ; # % = ]]>`,
  "<![CDATA[x]]>",
  "Mühle 日本",
  "two  blanks",
  "  ",
];

test("VMs with names that are hard to write are found, and no other", async () => {
  const served = await open({ simulator: { vms: oddNames.map((name) => ({ name })) } });
  await served.serve(...oddNames);
  for (const name of oddNames) {
    await served.machine(name).power("on");
    const on = [...served.simulator.inventory.vms.values()].filter(({ powerState }) => powerState === "poweredOn");
    assert.deepEqual(
      on.map((vm) => vm.name),
      [name],
    );
    await served.machine(name).power("off");
  }
});

test("a name may be given as vSphere stores it", async () => {
  const served = await open({ simulator: { vms: [{ name: "a/b" }] } });
  await served.serve("a%2fb");
});

test("a VM that is not there: the reason names VM, account and host, and is logged once", async () => {
  const served = await open();
  const reason = await reasonFor(served, { vmName: "nope" });
  const where = `${account.username} on 127.0.0.1:${served.simulator.port}`;
  assert.equal(reason, `no VM named nope is visible to ${where}: check the name, and the permissions of the account`);
  await assert.rejects(async () => served.machine("nope").powerState(), { kind: "notFound" });
  const lines = served.messages.filter((message) => message.type === "log" && message.message === reason);
  assert.equal(lines.length, 1);
});

test("several VMs of a name: each with path, reference and instance UUID, and none of them is touched", async () => {
  const vms: VmDefinition[] = [
    { name: "twin", folder: "Lab", instanceUuid: "11111111-0000-4000-8000-000000000001" },
    { name: "twin", folder: "Lab/Nested", instanceUuid: "11111111-0000-4000-8000-000000000002" },
  ];
  const served = await open({ simulator: { vms } });
  const reason = await reasonFor(served, { vmName: "twin" });
  assert.match(reason, /^2 VMs named twin are visible to /);
  assert.match(reason, /DC0\/vm\/Lab\/twin \(vm-\d+, instance UUID 11111111-0000-4000-8000-000000000001\)/);
  assert.match(reason, /DC0\/vm\/Lab\/Nested\/twin \(vm-\d+, instance UUID 11111111-0000-4000-8000-000000000002\)/);
  assert.match(reason, /--vm-uuid/);
  await assert.rejects(served.machine("twin").power("on"), { kind: "notFound" });
  assert.equal(served.calls("PowerOnVM_Task"), 0);
});

test("by UUID: the instance UUID first, the BIOS UUID too, and a BIOS UUID that repeats is refused", async () => {
  const uuid = (last: number): string => `22222222-0000-4000-8000-00000000000${last}`;
  const vms: VmDefinition[] = [
    { name: "a", instanceUuid: uuid(1), uuid: uuid(2) },
    { name: "b", instanceUuid: uuid(2), uuid: uuid(3) },
    { name: "c", instanceUuid: uuid(4), uuid: uuid(5) },
    { name: "d", instanceUuid: uuid(6), uuid: uuid(5) },
  ];
  const served = await open({ simulator: { vms } });
  const machine = (vmName: string, vmUuid: string): ServedMachine => ({ vmName, vmUuid });
  served.link.serve([machine("one", uuid(2)), machine("two", uuid(3))]);
  for (const name of ["one", "two"]) {
    await served.reported(name, isOff);
    await served.machine(name).power("on");
    assert.equal(served.vm("b").powerState, "poweredOn", `${name} is b`);
    await served.machine(name).power("off");
  }
  assert.match(
    await reasonFor(served, machine("three", uuid(5))),
    /^2 VMs with the UUID 22222222-.*-000000000005 are visible/,
  );
  assert.match(await reasonFor(served, machine("four", uuid(9))), /^no VM with the UUID 22222222-.* is visible to/);
});

test("many UUIDs are found in one sweep", async () => {
  const served = await open({ simulator: { vms: 30 } });
  const all = [...served.simulator.inventory.vms.values()];
  served.link.serve(all.map(({ name, instanceUuid }) => ({ vmName: `bmc of ${name}`, vmUuid: instanceUuid })));
  await Promise.all(all.map(({ name }) => served.reported(`bmc of ${name}`, isOff)));
  assert.deepEqual([served.calls("FindByUuid"), served.calls("CreateContainerView")], [0, 1]);
});

test("a renamed VM goes on working by its reference, also after the connection was lost", async () => {
  const served = await open();
  await served.serve("vm-01");
  const vm = served.vm("vm-01");
  vm.name = "renamed";
  served.simulator.inventory.changed(vm);
  served.simulator.sessions.expireAll();
  await served.machine("vm-01").power("on");
  assert.equal(vm.powerState, "poweredOn");
});

test("that a VM was removed is reported at once; registered again it is found again without a command", async () => {
  const served = await open();
  await served.serve("vm-01", "vm-02");
  served.simulator.inventory.removeVm(served.vm("vm-01").id);
  const report = await served.reported("vm-01", ({ fresh }) => !fresh);
  assert.ok(!report.fresh && report.kind === "notFound");
  switchElsewhere(served, served.vm("vm-02"), "poweredOn");
  await served.reported("vm-02", isOn);
  served.simulator.inventory.addVm({ name: "vm-01" });
  served.link.withdraw(["vm-01"]);
  await served.serve("vm-01");
});

test("a reference that names nothing any more: the VM is looked for, and the same command reaches the new one", async () => {
  const served = await open();
  await served.serve("vm-01");
  // The push is held up, so that the command is the first to notice.
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "hang" } });
  served.simulator.inventory.removeVm(served.vm("vm-01").id);
  const anew = served.simulator.inventory.addVm({ name: "vm-01" });
  await served.machine("vm-01").power("on");
  assert.equal(anew.powerState, "poweredOn");
});

test("VMs that go while the connection is lost do not keep the others from being watched", async () => {
  const served = await open({ simulator: { vms: 3 } });
  await served.serve("vm-01", "vm-02", "vm-03");
  served.simulator.rules.add({ misbehaviour: { kind: "unavailable" } });
  served.simulator.sessions.expireAll();
  await served.reported("vm-02", ({ fresh }) => !fresh);
  served.simulator.inventory.removeVm(served.vm("vm-01").id);
  served.simulator.inventory.removeVm(served.vm("vm-03").id);
  served.simulator.rules.clear();
  await served.reported("vm-02", isOff);
  await served.reported("vm-03", (report) => !report.fresh && report.kind === "notFound");
});

/** [behaviour of the server] */
const oddServers = [
  { pageLimit: 10 },
  { pageLimit: 1 },
  { xsiPrefix: "XMLSchema-instance" },
  { xsiPrefix: "q1", padding: "\n  " },
] as const;

for (const behaviour of oddServers) {
  test(`a server with ${JSON.stringify(behaviour)} is understood`, async () => {
    const served = await open({ simulator: { vms: 25 } });
    Object.assign(served.simulator.behaviour, behaviour);
    await served.serve("vm-01", "vm-25");
    const machine = served.machine("vm-25");
    await machine.power("on");
    await machine.setBootOverride({ device: "pxe", persistent: true });
    assert.deepEqual(await machine.bootOverride(), { device: "pxe", persistent: true });
  });
}

test("an ESXi host without vCenter, whose references are others, serves as well", async () => {
  const served = await open({ simulator: { esxi: true } });
  await served.serve("vm-01");
  await served.machine("vm-01").power("on");
  assert.equal(served.vm("vm-01").powerState, "poweredOn");
});

test("a VM of a host that vCenter has lost: its last state is not told as if it were true", async () => {
  const served = await open();
  await served.serve("vm-01");
  const vm = served.vm("vm-01");
  vm.connectionState = "disconnected";
  served.simulator.inventory.changed(vm);
  const report = await served.reported("vm-01", ({ fresh }) => !fresh);
  assert.ok(!report.fresh && report.kind === "busy" && report.reason.includes("disconnected"));
  await assert.rejects(async () => served.machine("vm-01").powerState(), { kind: "busy" });
  vm.connectionState = "connected";
  served.simulator.inventory.changed(vm);
  await served.reported("vm-01", isOff);
});
