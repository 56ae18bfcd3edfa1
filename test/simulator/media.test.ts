/** Drives and their media in the simulator: edits, hot-plug rules, locked doors, and what a VM starts from. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { lockedDoor, type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { isoImage } from "../support/isoImage.js";
import { until } from "../support/patience.js";
import { openSoapCalls, type SoapCalls } from "../support/soapCalls.js";

const account = { username: "user", password: "pass" };
let simulator: Simulator;
let calls: SoapCalls;
let vm: SimulatedVm;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 0, tls: true, ...account });
  simulator.behaviour.taskDurationMs = 5;
  simulator.inventory.datastores[0]?.datastore.put("iso/live.iso", isoImage("Live_CD 1"));
  calls = await openSoapCalls(simulator.url, account);
});
after(() => simulator.close());
afterEach(() => {
  simulator.inventory.removeVm(vm.id);
  Object.assign(simulator.behaviour, {
    guestsHoldCdrom: false,
    questionPatienceMs: 300_000,
    withheldPrivileges: new Set(),
  });
});

function makeVm(definition: Partial<Parameters<Simulator["inventory"]["addVm"]>[0]> = {}): void {
  vm = simulator.inventory.addVm({ name: "media", ...definition });
}

const change = (operation: "add" | "edit" | "remove", type: string, fields: string): string =>
  `<deviceChange><operation>${operation}</operation><device xsi:type="${type}">${fields}</device></deviceChange>`;
const iso = (file: string): string =>
  `<backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>${file}</fileName></backing>`;
const connect = (isConnected: boolean): string =>
  `<connectable><startConnected>${isConnected}</startConnected><allowGuestControl>true</allowGuestControl>` +
  `<connected>${isConnected}</connected></connectable>`;
const empty = '<backing xsi:type="VirtualCdromRemotePassthroughBackingInfo"><deviceName></deviceName></backing>';
const live = "[datastore1] iso/live.iso";

const reconfigure = (changes: string): Promise<string> =>
  calls.task("ReconfigVM_Task", ["VirtualMachine", vm.id], `<spec>${changes}</spec>`);
const insert = (key: number, file = live): Promise<string> =>
  reconfigure(change("edit", "VirtualCdrom", `<key>${key}</key>${iso(file)}${connect(true)}`));
const eject = (key: number): Promise<string> =>
  reconfigure(change("edit", "VirtualCdrom", `<key>${key}</key>${empty}${connect(false)}`));
const power = (method: string): Promise<string> => calls.task(method, ["VirtualMachine", vm.id]);
const drive = (key: number): SimulatedVm["devices"][number] | undefined =>
  vm.devices.find((device) => device.key === key);

test("an ISO goes into the drive; it is connected from the next start on, and the VM boots it where CDs come first", async () => {
  makeVm();
  assert.match(await insert(3000), />success</);
  assert.deepEqual([drive(3000)?.backing?.fields["fileName"], drive(3000)?.connectable?.connected], [live, false]);
  await power("PowerOnVM_Task");
  assert.equal(drive(3000)?.connectable?.connected, true);
  assert.equal(vm.bootedFrom?.device, "Disk");
  vm.bootOptions = {
    enterBiosSetup: false,
    bootOrder: [{ type: "VirtualMachineBootOptionsBootableCdromDevice" }],
  };
  await power("ResetVM_Task");
  assert.deepEqual(vm.bootedFrom, { device: "Cdrom", image: live, volumeId: "Live_CD 1" });
  const { body } = await calls.call("Fetch", ["VirtualMachine", vm.id], "<prop>guest.hostName</prop>");
  assert.match(body, />live-cd-1</);
  await power("PowerOffVM_Task");
  assert.deepEqual([vm.bootedFrom, drive(3000)?.connectable?.connected], [undefined, false]);
});

test("an empty disk leaves the start to the CD, even without a boot order", async () => {
  makeVm();
  vm.hasSystemOnDisk = false;
  await insert(3000);
  await power("PowerOnVM_Task");
  assert.equal(vm.bootedFrom?.volumeId, "Live_CD 1");
});

test("an image that is not there fails the start, and the insertion while the VM is on", async () => {
  makeVm();
  const missing = "[datastore1] iso/missing.iso";
  assert.match(await insert(3000, missing), />success</);
  assert.match(await power("PowerOnVM_Task"), /FileNotFound/);
  assert.equal(vm.powerState, "poweredOff");
  await eject(3000);
  await power("PowerOnVM_Task");
  assert.match(await insert(3000, missing), /FileNotFound/);
  assert.match(await insert(3000, "live.iso"), /InvalidDeviceBacking/);
  assert.match(await insert(3000, "[nowhere] live.iso"), /InvalidDeviceBacking/);
});

test("a file in the drive of a VM that runs is locked", async () => {
  makeVm({ powerState: "poweredOn" });
  await insert(3000);
  const remove = (): Promise<string> =>
    calls.task(
      "DeleteDatastoreFile_Task",
      ["FileManager", "FileManager"],
      `<name>${live}</name><datacenter type="Datacenter">datacenter-2</datacenter>`,
    );
  assert.match(await remove(), /FileLocked/);
  await eject(3000);
  assert.match(await remove(), />success</);
  simulator.inventory.datastores[0]?.datastore.put("iso/live.iso", isoImage("Live_CD 1"));
});

const ahci = change("add", "VirtualAHCIController", "<key>-1</key><busNumber>0</busNumber>");
const onNewAhci = change(
  "add",
  "VirtualCdrom",
  `<key>-2</key>${iso(live)}${connect(true)}<controllerKey>-1</controllerKey>`,
);

test("a drive and its controller are added together by negative keys, also while the VM is on", async () => {
  for (const powerState of ["poweredOff", "poweredOn"] as const) {
    makeVm({ powerState });
    assert.match(await reconfigure(ahci + onNewAhci), />success</);
    const { controllerKey, unitNumber, connectable } = drive(16_000)!;
    assert.deepEqual([controllerKey, unitNumber, connectable?.connected], [15_000, 0, powerState === "poweredOn"]);
    simulator.inventory.removeVm(vm.id);
  }
});

test("IDE drives and floppies, and SATA before hardware version 10, cannot be added while the VM is on", async () => {
  const onIde = change(
    "add",
    "VirtualCdrom",
    `<key>-1</key>${empty}${connect(false)}<controllerKey>201</controllerKey>`,
  );
  const floppy = change("add", "VirtualFloppy", "<key>-1</key><controllerKey>400</controllerKey>");
  makeVm({ powerState: "poweredOn" });
  for (const changes of [onIde, floppy]) {
    assert.match(await reconfigure(changes), /DeviceHotPlugNotSupported/);
  }
  const before = vm.devices;
  simulator.inventory.removeVm(vm.id);
  makeVm({ powerState: "poweredOn", hardwareVersion: "vmx-09" });
  assert.match(await reconfigure(ahci + onNewAhci), /DeviceHotPlugNotSupported/);
  assert.equal(vm.devices.length, before.length);
  vm.powerState = "poweredOff";
  for (const changes of [onIde, floppy]) {
    assert.match(await reconfigure(changes), />success</);
  }
  assert.deepEqual([drive(3001)?.unitNumber, drive(8001)?.unitNumber], [0, 1]);
});

test("places that are taken, unknown keys and controllers, and drives on the wrong controller are refused", async () => {
  makeVm();
  const add = (at: string): Promise<string> => reconfigure(change("add", "VirtualCdrom", `<key>-1</key>${empty}${at}`));
  assert.match(await add("<controllerKey>200</controllerKey><unitNumber>0</unitNumber>"), /InvalidDeviceSpec/);
  assert.match(await add("<controllerKey>200</controllerKey><unitNumber>2</unitNumber>"), /InvalidDeviceSpec/);
  assert.match(await add("<controllerKey>1000</controllerKey>"), /MissingController/);
  assert.match(await add("<controllerKey>-9</controllerKey>"), /MissingController/);
  assert.match(await insert(3999), /DeviceNotFound/);
  assert.match(await reconfigure(change("remove", "VirtualIDEController", "<key>200</key>")), /InvalidDeviceSpec/);
  assert.match(await reconfigure(change("remove", "VirtualCdrom", "<key>3000</key>")), />success</);
  assert.match(await reconfigure(ahci.repeat(5)), /InvalidDeviceSpec/);
});

test("a guest that holds the drive: Yes takes the medium out, No and no answer leave it in", async () => {
  makeVm({ powerState: "poweredOn" });
  await insert(3000);
  const question = (): Promise<string> => until("the question", () => vm.question?.id);
  const answer = async (key: string): Promise<void> => {
    const args = `<questionId>${await question()}</questionId><answerChoice>${key}</answerChoice>`;
    await calls.call("AnswerVM", ["VirtualMachine", vm.id], args);
  };
  vm.lockedDoor = lockedDoor("1");
  const refused = eject(3000);
  await answer("0");
  assert.match(await refused, /Connection control operation failed/);
  simulator.behaviour.questionPatienceMs = 30;
  assert.match(await eject(3000), /Connection control operation failed/);
  assert.equal(drive(3000)?.connectable?.connected, true);
  simulator.behaviour.questionPatienceMs = 300_000;
  const taken = eject(3000);
  await answer("1");
  assert.match(await taken, />success</);
  assert.equal(drive(3000)?.connectable?.connected, false);
});

test("a guest that has booted from a CD holds the drive where guests do, unless extraConfig answers for it", async () => {
  simulator.behaviour.guestsHoldCdrom = true;
  simulator.behaviour.questionPatienceMs = 30;
  makeVm();
  vm.hasSystemOnDisk = false;
  await insert(3000);
  await power("PowerOnVM_Task");
  assert.match(await eject(3000), /Connection control operation failed/);
  const quiet =
    '<extraConfig><key>cdrom.showIsoLockWarning</key><value xsi:type="xsd:string">FALSE</value></extraConfig>';
  assert.match(await reconfigure(quiet), />success</);
  assert.match(await eject(3000), />success</);
});

test("each privilege of a change is asked for by itself", async () => {
  makeVm({ powerState: "poweredOn" });
  const cases: readonly (readonly [string, () => Promise<string>])[] = [
    ["VirtualMachine.Config.EditDevice", () => insert(3000)],
    ["VirtualMachine.Interact.SetCDMedia", () => insert(3000)],
    ["VirtualMachine.Interact.DeviceConnection", () => insert(3000)],
    ["VirtualMachine.Config.AddRemoveDevice", () => reconfigure(ahci)],
    [
      "VirtualMachine.Interact.SetFloppyMedia",
      () =>
        reconfigure(change("edit", "VirtualFloppy", `<key>8000</key>${iso(live).replace("CdromIso", "FloppyImage")}`)),
    ],
  ];
  for (const [privilege, tried] of cases) {
    simulator.behaviour.withheldPrivileges = new Set([privilege]);
    assert.match(await tried(), new RegExp(`NoPermission.*${privilege}`));
  }
  simulator.behaviour.withheldPrivileges = new Set(["VirtualMachine.Config.Settings"]);
  assert.match(await insert(3000), />success</);
});
