/** The VM behind a name: renamed away, succeeded, made again, a template, an agent of vSphere's. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import type { MachineSnapshot } from "../../../src/model/machine/snapshot.js";
import type { SimulatedVm, VmDefinition } from "../../../src/simulator/index.js";
import { isOff, isOn, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();

function rename({ simulator }: ServedLink, vm: SimulatedVm, name: string): void {
  vm.name = name;
  simulator.inventory.changed(vm);
}

for (const order of ["before", "after"] as const) {
  test(`renamed away, and a new VM takes the name ${order} the news: the next command reaches the new one`, async () => {
    const served = await open();
    await served.serve("vm-01");
    const former = served.vm("vm-01");
    rename(served, former, "vm-01.bak");
    if (order === "after") {
      await served.until((message) => message.type === "log" && message.message.includes("has been renamed"));
    }
    const successor = served.simulator.inventory.addVm({ name: "vm-01" });
    await served.until((message) => message.type === "log" && message.message.includes("renamed"));
    await served.machine("vm-01").power("on");
    assert.deepEqual([former.powerState, successor.powerState], ["poweredOff", "poweredOn"]);
    await served.reported("vm-01", (report) => isOn(report) && instanceOf(report) === successor.instanceUuid);
  });
}

function instanceOf(report: Parameters<typeof isOn>[0]): string | undefined {
  return report.fresh ? report.snapshot.instanceUuid : undefined;
}

test("two VMs swap their names: each BMC drives the one that has its name now", async () => {
  const served = await open();
  await served.serve("vm-01", "vm-02");
  const [first, second] = [served.vm("vm-01"), served.vm("vm-02")];
  rename(served, first, "between");
  rename(served, second, "vm-01");
  rename(served, first, "vm-02");
  await served.reported("vm-01", (report) => instanceOf(report) === second.instanceUuid);
  await served.machine("vm-02").power("on");
  assert.deepEqual([first.powerState, second.powerState], ["poweredOn", "poweredOff"]);
});

test("two BMCs for one VM, of which one comes later: both know its state", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.link.serve([{ vmName: "second", machineName: "vm-01" }]);
  await served.reported("second", isOff);
});

test("a VM that was only renamed goes on working, and by UUID also when another one takes its name", async () => {
  const served = await open();
  const former = served.vm("vm-01");
  served.link.serve([{ vmName: "vm-01" }, { vmName: "by-uuid", vmUuid: former.instanceUuid }]);
  await served.reported("vm-01", isOff);
  await served.reported("by-uuid", isOff);
  rename(served, former, "other");
  await served.until((message) => message.type === "log" && message.message.includes("has been renamed"));
  await served.machine("vm-01").power("on");
  assert.equal(former.powerState, "poweredOn");
  served.simulator.inventory.addVm({ name: "vm-01" });
  await served.machine("by-uuid").power("off");
  assert.equal(former.powerState, "poweredOff");
});

test("renamed away, and two VMs take the name: refused with both, and neither nor the former is touched", async () => {
  const served = await open();
  await served.serve("vm-01");
  const former = served.vm("vm-01");
  rename(served, former, "vm-01.bak");
  const twins = ["a", "b"].map((folder) => served.simulator.inventory.addVm({ name: "vm-01", folder }));
  await served.until((message) => message.type === "log" && message.message.includes("2 VMs named vm-01"));
  await assert.rejects(served.machine("vm-01").power("on"), { kind: "notFound", message: /2 VMs named vm-01/ });
  assert.ok([former, ...twins].every(({ powerState }) => powerState === "poweredOff"));
  // One of one name again, by someone's hand.
  served.simulator.inventory.removeVm(twins[0]?.id ?? "");
  await eventually(() => served.machine("vm-01").power("on"));
  assert.deepEqual([former.powerState, twins[1]?.powerState], ["poweredOff", "poweredOn"]);
});

/** Tries until it succeeds, as clients do: within some seconds at most. */
async function eventually(command: () => Promise<void>): Promise<void> {
  const until = Date.now() + 4_000;
  for (;;) {
    try {
      await command();
      return;
    } catch (error) {
      if (Date.now() > until) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test("a VM that is made after the BMC was asked for it: the very next command finds it", async () => {
  const served = await open();
  served.link.serve([{ vmName: "late" }]);
  await served.reported("late", (report) => !report.fresh && report.kind === "notFound");
  const vm = served.simulator.inventory.addVm({ name: "late" });
  await served.machine("late").setBootOverride({ device: "pxe", persistent: true });
  await served.machine("late").power("on");
  assert.equal(vm.powerState, "poweredOn");
});

test("a VM that is made again is found within seconds without being asked for", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.simulator.inventory.removeVm(served.vm("vm-01").id);
  await served.reported("vm-01", (report) => !report.fresh && report.kind === "notFound");
  const startedAt = Date.now();
  served.simulator.inventory.addVm({ name: "vm-01" });
  await served.reported("vm-01", isOff);
  assert.ok(Date.now() - startedAt < 5_000);
});

test("a wrong name that is asked for all the time costs a look-up in some seconds, for all BMCs together", async () => {
  const served = await open();
  const wrong = ["wrong-1", "wrong-2", "wrong-3"];
  served.link.serve(wrong.map((vmName) => ({ vmName })));
  await Promise.all(
    wrong.map((name) => served.reported(name, (report) => !report.fresh && report.kind === "notFound")),
  );
  const before = served.calls("CreateContainerView");
  for (let round = 0; round < 20; round++) {
    await Promise.all(wrong.map((name) => assert.rejects(async () => served.machine(name).powerState())));
  }
  // One for those who ask, and what comes by itself meanwhile.
  assert.ok(served.calls("CreateContainerView") - before <= 3);
});

const uuid = (last: number): string => `33333333-0000-4000-8000-00000000000${last}`;

/** [what bears the BMC's name beside the VM] */
const lookAlikes: readonly (readonly [string, Partial<VmDefinition>, string])[] = [
  ["a template", { template: true }, "connected"],
  ["an agent of vSphere Cluster Services", { managedBy: "com.vmware.vim.eam" }, "connected"],
  ["the shadow of a fault-tolerant VM", { faultToleranceRole: 2 }, "connected"],
  ["what is left of a VM that was registered again", {}, "orphaned"],
];

for (const [what, definition, connectionState] of lookAlikes) {
  test(`${what} of the same name does not count: the VM is found`, async () => {
    const vms = [
      { name: "base", folder: "Templates", ...definition },
      { name: "base", folder: "Lab", instanceUuid: uuid(1) },
    ];
    const served = await open({ simulator: { vms } });
    served.vm("base").connectionState = connectionState;
    await served.serve("base");
    await served.machine("base").power("on");
    const on = [...served.simulator.inventory.vms.values()].filter(({ powerState }) => powerState === "poweredOn");
    assert.deepEqual(
      on.map(({ instanceUuid }) => instanceUuid),
      [uuid(1)],
    );
  });
}

test("a BMC whose VM is, or becomes, a template says so, by name and by UUID", async () => {
  const vms = [{ name: "lab-tpl", template: true, instanceUuid: uuid(2) }, { name: "vm-01" }];
  const served = await open({ simulator: { vms } });
  served.link.serve([{ vmName: "lab-tpl" }, { vmName: "by-uuid", vmUuid: uuid(2) }]);
  for (const name of ["lab-tpl", "by-uuid"]) {
    const report = await served.reported(name, (latest) => !latest.fresh && latest.kind === "invalidState");
    assert.match(report.fresh ? "" : report.reason, /is a template, which cannot be switched on/);
    await assert.rejects(served.machine(name).power("on"), { kind: "invalidState", message: /template/ });
  }
  await served.serve("vm-01");
  served.vm("vm-01").isTemplate = true;
  served.simulator.inventory.changed(served.vm("vm-01"));
  await served.reported("vm-01", (report) => !report.fresh && report.reason.includes("is a template"));
  await assert.rejects(served.machine("vm-01").power("on"), { kind: "invalidState" });
  served.vm("vm-01").isTemplate = false;
  served.simulator.inventory.changed(served.vm("vm-01"));
  await eventually(() => served.machine("vm-01").power("on"));
});

const biosUuid = "421f245c-7fa8-60fa-6af6-a46351ced0eb";
const guestUuid = "5c241f42-a87f-fa60-6af6-a46351ced0eb";

/** [VM, UUID that its guest reads] */
const forms: readonly (readonly [string, Partial<VmDefinition>, string])[] = [
  ["virtual hardware 13", { hardwareVersion: "vmx-13" }, guestUuid],
  ["virtual hardware 21", { hardwareVersion: "vmx-21" }, guestUuid],
  ["virtual hardware 11", { hardwareVersion: "vmx-11" }, biosUuid],
  ["smbiosVersion2.7 FALSE", { extraConfig: { "acpi.smbiosVersion2.7": "FALSE" } }, biosUuid],
  ["smbiosVersion2.7 TRUE", { extraConfig: { "acpi.smbiosVersion2.7": "TRUE" } }, guestUuid],
];

for (const [what, definition, expected] of forms) {
  test(`the guest of a VM with ${what} reads ${expected}`, async () => {
    const served = await open({ simulator: { vms: [{ name: "vm-01", uuid: biosUuid, ...definition }] } });
    await served.serve("vm-01");
    const report = await served.reported("vm-01", isOff);
    assert.ok(report.fresh);
    assert.deepEqual([report.snapshot.biosUuid, report.snapshot.smbiosUuid], [biosUuid, expected]);
    // Also when it is read and not pushed.
    const read = await served.link.operate("vm-01", { name: "readSnapshot" }, deadlineIn(1_700));
    assert.ok(read.ok);
    assert.equal((read.value as MachineSnapshot).smbiosUuid, expected);
  });
}

test("a VM is found by the UUID that its guest reads, after instance and BIOS UUIDs", async () => {
  const served = await open({ simulator: { vms: [{ name: "vm-01", uuid: biosUuid }, { name: "vm-02" }] } });
  served.link.serve([{ vmName: "by-guest", vmUuid: guestUuid }]);
  await served.reported("by-guest", isOff);
  await served.machine("by-guest").power("on");
  assert.equal(served.vm("vm-01").powerState, "poweredOn");
  served.simulator.inventory.addVm({ name: "vm-03", uuid: guestUuid });
  served.link.serve([{ vmName: "other", vmUuid: guestUuid }]);
  await served.reported("other", isOff);
  await served.machine("other").power("on");
  assert.equal(served.vm("vm-03").powerState, "poweredOn");
});

async function virtualMachineStep(served: ServedLink): Promise<{ status: string; detail: string } | undefined> {
  const answer = await served.link.ask({ name: "diagnose", machines: [{ vmName: "vm-01" }] }, 5_000);
  assert.ok("diagnoses" in answer);
  return answer.diagnoses[0]?.steps.find(({ step }) => step === "virtual machine");
}

test("check names the VM that the BMC drives, and says when a look-up by name would find none", async () => {
  const served = await open();
  await served.serve("vm-01");
  const vm = served.vm("vm-01");
  assert.equal((await virtualMachineStep(served))?.status, "ok");
  rename(served, vm, "vm-01.bak");
  await served.until((message) => message.type === "log" && message.message.includes("has been renamed"));
  const { status, detail = "" } = (await virtualMachineStep(served)) ?? {};
  assert.equal(status, "warning");
  assert.match(detail, /^vm-01\.bak, [^]*until it is restarted[^]*no VM named vm-01/);
  assert.ok(detail.endsWith(`vbmc set vm-01 --vm-uuid ${vm.instanceUuid}`), detail);
});

test("check names the VM that the BMC drives, and both when a clone has got its name meanwhile", async () => {
  const served = await open();
  await served.serve("vm-01");
  const vm = served.vm("vm-01");
  const clone = served.simulator.inventory.addVm({ name: "vm-01", folder: "clones" });
  const { status, detail = "" } = (await virtualMachineStep(served)) ?? {};
  assert.equal(status, "warning");
  assert.ok(detail.startsWith(`vm-01, ${vm.id}, instance UUID ${vm.instanceUuid}; the BMC drives this`), detail);
  assert.match(detail, new RegExp(`2 VMs named vm-01[^]*${clone.instanceUuid}`));
  await served.machine("vm-01").power("on");
  assert.deepEqual([vm.powerState, clone.powerState], ["poweredOn", "poweredOff"]);
});
