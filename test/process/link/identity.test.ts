/** A BMC never drives a VM that is not its own, whatever the server's references name after a lost session. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import type { MachineReport } from "../../../src/process/ipc/reports.js";
import type { Restoration } from "../../../src/simulator/rules.js";
import { isOff, isOn, linksOfThisFile, type ServedLink, startLink, switchElsewhere } from "../../support/servedLink.js";

const open = linksOfThisFile();
const names = ["vm-01", "vm-02", "vm-03"];

/** BMC → VM for which it was made. */
async function serve(served: ServedLink, by: "name" | "UUID"): Promise<void> {
  served.link.serve(
    names.map((vmName) => ({
      vmName,
      directory: served.directory,
      ...(by === "UUID" && { vmUuid: served.vm(vmName).instanceUuid }),
    })),
  );
  await Promise.all(names.map((vmName) => served.reported(vmName, isOff)));
}

function namesThatAreOn(served: ServedLink): readonly string[] {
  return [...served.simulator.inventory.vms.values()]
    .filter(({ powerState }) => powerState === "poweredOn")
    .map(({ name }) => name);
}

const restorations: readonly (readonly [string, Restoration])[] = [
  ["the same references name other VMs", { references: "shuffled" }],
  ["all VMs were registered again", { references: "new" }],
  ["the host or vCenter was installed again", { references: "shuffled", isAnotherServer: true }],
];

for (const [what, restoration] of restorations) {
  for (const by of ["name", "UUID"] as const) {
    test(`${what}: the next command reaches the VM of the BMC, found by ${by}`, async () => {
      const served = await open({ simulator: { vms: 3 } });
      await serve(served, by);
      served.simulator.restore(restoration);
      await served.machine("vm-02").power("on");
      assert.deepEqual(namesThatAreOn(served), ["vm-02"]);
      await served.reported("vm-02", isOn);
      await served.machine("vm-03").setBootOverride({ device: "cdrom", persistent: true });
      const changed = [...served.simulator.inventory.vms.values()].filter(
        ({ bootOptions }) => bootOptions.bootOrder[0],
      );
      assert.deepEqual(
        changed.map(({ name }) => name),
        ["vm-03"],
      );
    });

    test(`${what} while the connection is lost: what is pushed and asked is of the VM found by ${by}`, async () => {
      const served = await open({ simulator: { vms: 3 } });
      await serve(served, by);
      served.simulator.rules.add({ misbehaviour: { kind: "unavailable" } });
      await served.reported("vm-01", ({ fresh }) => !fresh);
      served.simulator.restore(restoration);
      switchElsewhere(served, served.vm("vm-03"), "poweredOn");
      const before = served.messages.length;
      served.simulator.rules.clear();
      await served.reported("vm-03", isOn);
      await served.reported("vm-01", isOff);
      await served.machine("vm-01").power("on");
      assert.deepEqual(namesThatAreOn(served), ["vm-01", "vm-03"].sort());
      const wrong = served.messages
        .slice(before)
        .filter((message) => message.type === "machineReport" && nameIn(message.report) !== message.vmName);
      assert.deepEqual(
        wrong.filter((message) => message.type === "machineReport" && message.report.fresh),
        [],
        "no state of another VM was ever told",
      );
    });
  }
}

function nameIn(report: MachineReport): string | undefined {
  return report.fresh ? report.snapshot.name : undefined;
}

test("a restore in the middle of a command: the second half is not done to another VM", async () => {
  const served = await open({ simulator: { vms: 3 } });
  await serve(served, "UUID");
  switchElsewhere(served, served.vm("vm-01"), "poweredOn");
  await served.reported("vm-01", isOn);
  const cycled = served.machine("vm-01").power("cycle", { cycleIntervalMs: 300 });
  await served.reported("vm-01", isOff);
  served.simulator.restore({ references: "shuffled" });
  await cycled.catch(() => undefined);
  assert.ok(!namesThatAreOn(served).some((name) => name !== "vm-01"));
});

test("the references of many VMs are verified by one read, and a look-up is made only where they are no good", async () => {
  const served = await open({ simulator: { vms: 60 } });
  const all = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  await served.serve(...all);
  const before = ["RetrievePropertiesEx", "CreateContainerView"].map(served.calls);
  served.simulator.sessions.expireAll();
  await served
    .machine("vm-07")
    .diagnosticInterrupt()
    .catch(() => undefined);
  const after = ["RetrievePropertiesEx", "CreateContainerView"].map(served.calls);
  // One read for all 60; the other is the power state, since a VM that is off takes no interrupt.
  assert.ok((after[0] ?? 0) - (before[0] ?? 0) <= 2, `${String(before)} ${String(after)}`);
  assert.equal(after[1], before[1]);
});

const disk = "VirtualMachineBootOptionsBootableDiskDevice";

test("a boot order is restored to the VM that had it, and to no other one", async () => {
  const served = await open({ simulator: { vms: 3 } });
  await serve(served, "name");
  const former = [{ type: disk, deviceKey: 2001 }];
  const theirs = [{ type: "VirtualMachineBootOptionsBootableEthernetDevice", deviceKey: 4001 }];
  served.vm("vm-01").bootOptions = { enterBiosSetup: false, bootOrder: former };
  await served.machine("vm-01").setBootOverride({ device: "pxe", persistent: false });
  await served.stopLink();
  // While the link does not look, the VM goes and another one comes in its place, whose order begins with the network as well.
  served.simulator.inventory.removeVm(served.vm("vm-01").id);
  const anew = served.simulator.inventory.addVm({ name: "vm-01" });
  anew.bootOptions = { enterBiosSetup: false, bootOrder: theirs };
  const next = await startLink({ after: served });
  await next.serve("vm-01");
  await next.machine("vm-01").power("on");
  switchElsewhere(next, anew, "poweredOff");
  await next.reported("vm-01", isOff);
  await next.machine("vm-01").power("on");
  assert.deepEqual(anew.bootOptions.bootOrder, theirs);
  assert.deepEqual(await next.machine("vm-01").bootOverride(), { device: "pxe", persistent: true });
  await next.stopLink();
});

test("statistics name the host of the present server", async () => {
  const served = await open({ simulator: { vms: 3 } });
  await serve(served, "name");
  switchElsewhere(served, served.vm("vm-01"), "poweredOn");
  await served.reported("vm-01", isOn);
  const machine = served.machine("vm-01");
  served.vm("vm-01").live.cpuMhz = 111;
  served.vm("vm-02").live.cpuMhz = 222;
  switchElsewhere(served, served.vm("vm-02"), "poweredOn");
  served.simulator.restore({ references: "shuffled" });
  assert.equal((await machine.statistics()).cpuUsageMhz, 111);
});

for (const by of ["name", "UUID"] as const) {
  test(`a server that was installed again, with another certificate: after vbmc trust each BMC drives its VM, found by ${by}`, async () => {
    const served = await open({ simulator: { vms: 3 } });
    await serve(served, by);
    const formerReference = served.vm("vm-02").id;
    // What the former installation showed.
    await writeFile(path.join(served.directory, "certificate"), `${"AB:".repeat(31)}AB\n`);
    served.simulator.rules.add({
      times: 1,
      misbehaviour: { kind: "restored", references: "shuffled", isAnotherServer: true },
    });
    served.simulator.rules.add({ times: 1, misbehaviour: { kind: "unavailable" } });
    const distrust = ({ fresh, ...rest }: MachineReport): boolean => !fresh && /vbmc trust/.test(JSON.stringify(rest));
    await served.reported("vm-02", distrust);
    await assert.rejects(served.machine("vm-02").power("on"), { kind: "unavailable" });
    assert.deepEqual(namesThatAreOn(served), []);
    assert.notEqual(served.vm("vm-02").id, formerReference);
    const trusted = await served.link.ask({ name: "trust" }, 5_000);
    assert.ok(trusted.ok, JSON.stringify(trusted));
    await served.reported("vm-02", isOff);
    await served.machine("vm-02").power("on");
    assert.deepEqual(namesThatAreOn(served), ["vm-02"]);
  });
}
