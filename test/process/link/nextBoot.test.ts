/** A boot device for one start: when it has been made use of, and on servers that take none while the VM is on. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { createBootRestorer } from "../../../src/process/link/bootRestorer.js";
import { type BootNote, type PendingBoot, restoreOrder } from "../../../src/vsphere/nextBoot.js";
import type { VimSession } from "../../../src/vsphere/session.js";
import { until } from "../../support/patience.js";
import {
  isOff,
  linksOfThisFile,
  type ServedLink,
  type ServedLinkOptions,
  startLink,
  switchElsewhere,
} from "../../support/servedLink.js";

const openLink = linksOfThisFile();
const pxeOnce = { device: "pxe", persistent: false } as const;
const disk = "VirtualMachineBootOptionsBootableDiskDevice";
const pxe = "VirtualMachineBootOptionsBootableEthernetDevice";
const pending: PendingBoot = { device: "pxe", former: [], wasOn: true, bootTime: null, tasks: [] };
const former = [{ type: disk, deviceKey: 2001 }];

async function open(options?: ServedLinkOptions): Promise<ServedLink> {
  const served = await openLink(options);
  served.vm("vm-01").toolsRunning = false;
  await served.serve("vm-01");
  return served;
}

function firstOf(served: ServedLink): string | undefined {
  return served.vm("vm-01").bootOptions.bootOrder[0]?.type;
}

function pushed(served: ServedLink, isOn: boolean, withBootTime = true): Promise<unknown> {
  const vm = served.vm("vm-01");
  switchElsewhere(served, vm, isOn ? "poweredOn" : "poweredOff");
  vm.bootTime = withBootTime ? vm.bootTime : undefined;
  return served.reported(
    "vm-01",
    (report) => report.fresh && report.snapshot.powerState === (isOn ? "poweredOn" : "poweredOff"),
  );
}

const restored = (served: ServedLink): Promise<unknown> =>
  served.until((message) => message.type === "log" && message.message === "the previous boot order is restored");

test("with the start the override is over, while the order comes back later", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.setBootOverride(pxeOnce);
  assert.deepEqual(await machine.bootOverride(), pxeOnce);
  await machine.power("on");
  assert.equal(await machine.bootOverride(), undefined);
  assert.equal(firstOf(served), pxe, "the firmware may not have read it yet");
  await machine.power("off");
  await restored(served);
  assert.equal(firstOf(served), undefined);
});

test("a start by someone else ends it too, also where the server tells no boot time", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.setBootOverride(pxeOnce);
  await pushed(served, true, false);
  assert.equal(await machine.bootOverride(), undefined);
});

test("a reset by someone else ends it, which shows in the VM's tasks alone", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("on");
  await machine.setBootOverride(pxeOnce);
  assert.deepEqual(await machine.bootOverride(), pxeOnce);
  const other = await startLink({ after: served });
  await other.serve("vm-01");
  await other.machine("vm-01").power("reset");
  await other.stopLink();
  // The push of the task, and the look at what it is, are under way.
  await until("the boot device is used up", async () => (await machine.bootOverride()) === undefined);
});

test("a second start by us finds the former order, however soon it comes", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await machine.setBootOverride(pxeOnce);
  await machine.power("on");
  await machine.power("reset");
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, former);
});

test("a device that is set while the order of the last start has not come back yet is for the next start", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const kept: BootNote[] = [{ pending: { ...pending, startedAt: 1 } }];
    const memory = {
      read: () => kept.at(-1) ?? {},
      write: (note: BootNote) => {
        kept.push(note);
        return Promise.resolve();
      },
    };
    const given: BootNote[] = [];
    const restorer = createBootRestorer({
      memory,
      now: Date.now,
      restore: () =>
        restoreOrder({} as VimSession, { type: "VirtualMachine", value: "vm-1" }, memory, () => {
          given.push(memory.read());
          return Promise.resolve();
        }),
      onFailure: (reason) => assert.fail(reason),
    });
    restorer.observe({ powerState: "poweredOn", toolsRunning: false, bootTime: undefined });
    await memory.write({ pending });
    mock.timers.tick(120_000);
    await Promise.resolve();
    assert.deepEqual([given, memory.read()], [[], { pending }]);
  } finally {
    mock.timers.reset();
  }
});

test("power on of a VM that has just been started leaves it the order that its firmware is about to read", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.setBootOverride(pxeOnce);
  await machine.power("on");
  const before = served.calls("ReconfigVM_Task");
  await machine.power("on");
  assert.deepEqual([served.calls("ReconfigVM_Task"), firstOf(served)], [before, pxe]);
});

test("a reset from before the device was set does not end it, however late vSphere tells of it", async () => {
  const served = await open();
  const machine = served.machine("vm-01");
  await machine.power("on");
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "delay", ms: 500 } });
  await machine.power("reset");
  await machine.setBootOverride(pxeOnce);
  served.vm("vm-01").toolsRunning = true;
  served.simulator.inventory.changed(served.vm("vm-01"));
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.toolsRunning === true);
  assert.deepEqual(await machine.bootOverride(), pxeOnce);
});

test("a server that takes no order while the VM is on: the device holds from the next power on by us, and once", async () => {
  const served = await open({ simulator: { behaviour: { refusesBootOrderWhileOn: true } } });
  const machine = served.machine("vm-01");
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await machine.power("on");
  await machine.setBootOverride(pxeOnce);
  assert.equal(firstOf(served), disk);
  assert.deepEqual(await machine.bootOverride(), pxeOnce, "it is accepted");
  await machine.power("cycle");
  assert.equal(firstOf(served), pxe);
  assert.deepEqual(await machine.bootOverride(), { device: "disk", persistent: true }, "the VM's own order");
  await machine.power("off");
  await machine.power("on");
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, former, "restored while the VM was off");
});

test("an order that waits for the VM to be off outlives the daemon, and comes back when it is off", async () => {
  const served = await open({ simulator: { behaviour: { refusesBootOrderWhileOn: true } } });
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await served.machine("vm-01").setBootOverride(pxeOnce);
  await served.machine("vm-01").power("on");
  await served.stopLink();
  const next = await startLink({ after: served });
  await next.serve("vm-01");
  assert.equal(firstOf(served), pxe);
  switchElsewhere(served, served.vm("vm-01"), "poweredOff");
  await Promise.all([next.reported("vm-01", isOff), restored(next)]);
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, former);
  await next.stopLink();
});

test("a delayed device that is taken back leaves the VM's own order as it is", async () => {
  const served = await open({ simulator: { behaviour: { refusesBootOrderWhileOn: true } } });
  const machine = served.machine("vm-01");
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await machine.power("on");
  await machine.setBootOverride(pxeOnce);
  await machine.setBootOverride(undefined);
  await machine.power("cycle");
  assert.deepEqual(served.vm("vm-01").bootOptions.bootOrder, former);
});

test("a VM that cannot be given its delayed device is switched on all the same, and that is reported", async () => {
  const served = await open({ simulator: { behaviour: { refusesBootOrderWhileOn: true } } });
  const machine = served.machine("vm-01");
  await machine.power("on");
  await machine.setBootOverride(pxeOnce);
  await machine.power("off");
  const misbehaviour = { kind: "fault", type: "NoPermission" } as const;
  served.simulator.rules.add({ method: "ReconfigVM_Task", times: 1, misbehaviour });
  await machine.power("on");
  const event = await served.until(({ type }) => type === "machineEvent");
  assert.match(JSON.stringify(event), /"operation":"setBootOverride"/);
});
