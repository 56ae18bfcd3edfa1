/** What a BMC asks of its VM is done, or the client learns the truth: power, boot device, diagnostic interrupt. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  isOff,
  isOn,
  linksOfThisFile,
  type ServedLink,
  type ServedLinkOptions,
  startLink,
  switchElsewhere,
} from "../../support/servedLink.js";

const openLink = linksOfThisFile();

async function open(options?: ServedLinkOptions): Promise<ServedLink> {
  const link = await openLink(options);
  await link.serve("vm-01", "vm-02");
  return link;
}

test("power on during a soft shutdown is not lost: the VM is on again after it was off", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("on");
  served.simulator.behaviour.guestShutdownMs = 200;
  await machine.power("softShutdown");
  await machine.power("on");
  await served.reported("vm-01", isOff);
  await served.reported("vm-01", isOn);
});

test("without Tools soft is refused in words that say so; on a VM that is off it succeeds", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("softShutdown");
  served.vm("vm-01").toolsRunning = false;
  await machine.power("on");
  await assert.rejects(machine.power("softShutdown"), {
    kind: "invalidState",
    message: /VMware Tools are not running/,
  });
});

test("cycle, reset and diag on a VM that is off are refused; a suspended VM is resumed by on", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  for (const refused of [machine.power("cycle"), machine.power("reset"), machine.diagnosticInterrupt()]) {
    await assert.rejects(refused, { kind: "invalidState" });
  }
  switchElsewhere(served, served.vm("vm-01"), "suspended");
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.powerState === "suspended");
  await machine.power("on");
  assert.equal(served.vm("vm-01").powerState, "poweredOn");
});

test("cycle is off, the interval, on; and what is asked meanwhile comes after it", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("on");
  const before = served.messages.length;
  const cycled = machine.power("cycle", { cycleIntervalMs: 50 });
  const offAfterwards = machine.power("off");
  await Promise.all([cycled, offAfterwards]);
  const states = served.messages
    .slice(before)
    .flatMap((message) =>
      message.type === "machineReport" && message.report.fresh ? message.report.snapshot.powerState : [],
    );
  const changes = states.filter((state, at) => state !== states[at - 1]);
  assert.deepEqual(changes, ["poweredOff", "poweredOn", "poweredOff"]);
  assert.deepEqual(["PowerOffVM_Task", "PowerOnVM_Task"].map(served.calls), [2, 2]);
});

test("on and off that someone else has done meanwhile succeed", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "delay", ms: 700 } });
  await served.machine("vm-02").power("on");
  served.vm("vm-01").powerState = "poweredOn";
  await served.machine("vm-01").power("on");
});

test("a task that fails at once is reported; one that fails later is an event for the BMC", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  served.simulator.rules.add({
    method: "PowerOnVM_Task",
    times: 1,
    misbehaviour: { kind: "fault", type: "NoPermission" },
  });
  await assert.rejects(machine.power("on"), { kind: "denied" });
  await machine.power("on");
  served.simulator.behaviour.taskDurationMs = 2_500;
  await machine.power("reset");
  switchElsewhere(served, served.vm("vm-01"), "poweredOff");
  const event = await served.until(({ type }) => type === "machineEvent");
  assert.match(JSON.stringify(event), /"kind":"operationFailed","operation":"power","reason":"InvalidPowerState: /);
});

test("a command for a VM never waits for another VM", async () => {
  const served = await open();
  served.simulator.behaviour.taskDurationMs = 5_000;
  const slow = served.machine("vm-01").power("on");
  await assert.rejects(served.machine("vm-02").power("reset"), { kind: "invalidState" });
  await slow;
  assert.equal(served.vm("vm-01").powerState, "poweredOff", "it is still under way");
});

test("another task at work on the VM is node busy", async () => {
  const served = await open();
  served.vm("vm-01").isBusy = true;
  await assert.rejects(served.machine("vm-01").power("on"), { kind: "busy" });
});

const pxe = "VirtualMachineBootOptionsBootableEthernetDevice";
const disk = "VirtualMachineBootOptionsBootableDiskDevice";

for (const firmware of ["bios", "efi"] as const) {
  test(`boot device of a VM with ${firmware}: all of a kind first, disks in the VM's own order, none clears`, async () => {
    const vms = [{ name: "vm-01", firmware }, { name: "vm-02" }];
    const served = await open({ simulator: { vms } });
    const machine = served.machine("vm-01");
    const vm = served.vm("vm-01");
    vm.bootOptions = { enterBiosSetup: false, bootOrder: [{ type: disk, deviceKey: 2001 }] };
    await machine.setBootOverride({ device: "pxe", persistent: true });
    const order = vm.bootOptions.bootOrder.map(({ type, deviceKey }) =>
      type === disk || type === pxe ? deviceKey : type,
    );
    assert.deepEqual(order.slice(0, 4), [4000, 4001, 2001, 2000]);
    assert.deepEqual(await machine.bootOverride(), { device: "pxe", persistent: true });
    await machine.setBootOverride({ device: "bios", persistent: false });
    assert.deepEqual(
      [vm.bootOptions.enterBiosSetup, await machine.bootOverride()],
      [true, { device: "bios", persistent: false }],
    );
    await machine.setBootOverride(undefined);
    assert.deepEqual(
      [vm.bootOptions, await machine.bootOverride()],
      [{ enterBiosSetup: false, bootOrder: [] }, undefined],
    );
  });
}

test("a boot device for one start is restored after it, also when the daemon was restarted in between", async () => {
  const served = await open();
  const former = [{ type: disk, deviceKey: 2001 }];
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await served.machine("vm-01").setBootOverride({ device: "pxe", persistent: false });
  await served.stopLink();
  switchElsewhere(served, served.vm("vm-01"), "poweredOn");
  const next = await startLink({ after: served });
  await next.serve("vm-01");
  await next.until((message) => message.type === "log" && message.message.includes("the previous boot order"));
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, former);
  await next.stopLink();
});

test("an order that someone else has set meanwhile is left as it is", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.setBootOverride({ device: "pxe", persistent: false });
  const theirs = [{ type: "VirtualMachineBootOptionsBootableCdromDevice" }];
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: theirs };
  await machine.power("on");
  await served.until((message) => message.type === "log" && message.message.includes("the previous boot order"));
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, theirs);
});

test("next_boot = persistent keeps the device, as the original does", async () => {
  const served = await open({ configuration: { nextBoot: "persistent" } });
  await served.machine("vm-01").setBootOverride({ device: "cdrom", persistent: false });
  assert.deepEqual(await served.machine("vm-01").bootOverride(), { device: "cdrom", persistent: true });
});

test("the diagnostic interrupt: SendNMI, and where the server has none the host's page with a ticket", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("on");
  await machine.diagnosticInterrupt();
  for (const type of ["NotSupported", "NotImplemented", "MethodNotFound"]) {
    served.simulator.rules.add({ method: "SendNMI", times: 1, misbehaviour: { kind: "fault", type } });
    await machine.diagnosticInterrupt();
  }
  assert.deepEqual([served.vm("vm-01").nmiCount, served.calls("AcquireGenericServiceTicket")], [4, 3]);
});

test("the interrupt by the host's page finds the VM's files where vSphere tells no URL of the datastore", async () => {
  const served = await open({ simulator: { behaviour: { tellsDatastoreUrl: false } } });
  await served.machine("vm-01").power("on");
  served.simulator.rules.add({ method: "SendNMI", misbehaviour: { kind: "fault", type: "NotSupported" } });
  await served.machine("vm-01").diagnosticInterrupt();
  assert.equal(served.vm("vm-01").nmiCount, 1);
});

test("a host without vCenter is asked for the interrupt where we reach it, by the certificate that we trust", async () => {
  const served = await open({ simulator: { esxi: true } });
  await served.machine("vm-01").power("on");
  served.simulator.rules.add({ method: "SendNMI", misbehaviour: { kind: "fault", type: "NotSupported" } });
  await served.machine("vm-01").diagnosticInterrupt();
  assert.equal(served.vm("vm-01").nmiCount, 1);
});
