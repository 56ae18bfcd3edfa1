/** The hardware of VMs, as BMCs have it through a link, and changes of firmware settings. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { usualDevices, type VmDefinition } from "../../../src/simulator/index.js";
import { linksOfThisFile, type ServedLink, switchElsewhere } from "../../support/servedLink.js";

const startLink = linksOfThisFile();

async function open(...vms: VmDefinition[]): Promise<ServedLink> {
  const served = await startLink({ simulator: { vms } });
  await served.serve(...vms.map(({ name }) => name));
  return served;
}

const uuid = "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3";

test("the inventory of a VM that runs, with the guest's network and the host's CPU, is one call", async () => {
  const vm = { name: "vm-01", uuid, powerState: "poweredOn", cpuCount: 8, coresPerSocket: 4 } as const;
  const served = await open({ ...vm, memoryMb: 16_384, hardwareVersion: "vmx-19" });
  const before = served.calls("RetrievePropertiesEx");
  const inventory = await served.machine("vm-01").inventory();
  assert.equal(served.calls("RetrievePropertiesEx"), before + 1);
  assert.deepEqual(inventory, {
    cpuCount: 8,
    coresPerSocket: 4,
    cpuModel: "Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz",
    cpuMhz: 2_600,
    memorySizeMb: 16_384,
    firmware: "bios",
    bootDelayMs: 0,
    bootRetryEnabled: false,
    secureBootEnabled: false,
    cpuHotAddEnabled: false,
    memoryHotAddEnabled: false,
    nestedVirtualizationEnabled: true,
    toolsVersion: "12.2.0",
    storageControllers: [
      { key: 200, label: "IDE 0", model: "ide" },
      { key: 201, label: "IDE 1", model: "ide" },
      { key: 1000, label: "SCSI controller 0", model: "lsiLogic" },
    ],
    disks: [
      { ...at(2000, "Hard disk 1", 1000, 0), capacityBytes: 42_949_672_960, uuid: inventory.disks[0]?.uuid },
      { ...at(2001, "Hard disk 2", 1000, 1), capacityBytes: 107_374_182_400, uuid: inventory.disks[1]?.uuid },
    ],
    removableDrives: [
      { ...at(3000, "CD/DVD drive 1", 200, 0), kind: "cdrom", isConnected: false, startsConnected: false },
      { ...at(8000, "Floppy drive 1", 400, 0), kind: "floppy", isConnected: false, startsConnected: false },
    ],
    networkCards: [
      {
        ...card(4000, "Network adapter 1", "Vmxnet3", 10_000),
        macAddress: inventory.networkCards[0]?.macAddress,
        addresses: [
          { address: "192.0.2.123", prefixLength: 24, origin: "dhcp" },
          { address: "fe80::250:56ff:fe80:71", prefixLength: 64, origin: "linklayer" },
        ],
        gateways: ["192.0.2.1"],
      },
      {
        ...card(4001, "Network adapter 2", "E1000", 1_000),
        macAddress: inventory.networkCards[1]?.macAddress,
        addresses: [],
        gateways: [],
      },
    ],
    dns: { hostName: "vm-01", domainName: "lab.test", servers: ["192.0.2.2"] },
  });
  const { disks, networkCards } = inventory;
  assert.equal(new Set(disks.map((disk) => disk.uuid)).size, 2);
  disks.forEach((disk) => assert.match(disk.uuid ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));
  networkCards.forEach(({ macAddress }) => assert.match(macAddress ?? "", /^00:50:56(:[0-9a-f]{2}){3}$/));
});

function at(key: number, label: string, controllerKey: number, unitNumber: number): object {
  return { key, label, controllerKey, unitNumber };
}

function card(key: number, label: string, model: string, speedMbps: number): object {
  return { key, label, model, speedMbps, network: "VM Network", isConnected: true, startsConnected: true };
}

test("a VM that is off has no addresses and nothing is connected; what starts connected is reported", async () => {
  const served = await open({ name: "vm-01", firmware: "efi" });
  const { dns, firmware, networkCards, storageControllers } = await served.machine("vm-01").inventory();
  assert.deepEqual([firmware, dns], ["efi", undefined]);
  assert.deepEqual(
    networkCards.map(({ isConnected, startsConnected, addresses }) => [isConnected, startsConnected, addresses]),
    [
      [false, true, []],
      [false, true, []],
    ],
  );
  assert.deepEqual(
    storageControllers.map(({ model }) => model),
    ["ide", "ide", "pvscsi", "ahci"],
  );
});

test("an account that does not see the host learns all but the CPU's name", async () => {
  const served = await startLink({ simulator: { vms: [{ name: "vm-01", uuid }] } });
  served.simulator.behaviour.permissions = [{ path: "DC0/vm/vm-01", propagate: true }];
  served.link.serve([{ vmName: "vm-01", vmUuid: uuid, directory: served.directory }]);
  await served.reported("vm-01", ({ fresh }) => fresh);
  const { cpuCount, cpuModel } = await served.machine("vm-01").inventory();
  assert.deepEqual([cpuCount, cpuModel], [2, undefined]);
});

test("the inventory is asked for again after a reconfiguration and a start, and not before", async () => {
  const served = await open({ name: "vm-01" });
  const machine = served.machine("vm-01");
  const changeVersion = (): string | undefined => machine.snapshot()?.changeVersion;
  const vm = served.vm("vm-01");
  assert.equal((await machine.inventory()).disks.length, 2);
  const before = served.calls("RetrievePropertiesEx");
  await machine.inventory();
  assert.equal(served.calls("RetrievePropertiesEx"), before);

  const known = changeVersion();
  vm.devices = usualDevices.filter(({ key }) => key !== 2001);
  vm.changeVersion++;
  served.simulator.inventory.changed(vm);
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.changeVersion !== known);
  assert.equal((await machine.inventory()).disks.length, 1);

  switchElsewhere(served, vm, "poweredOn");
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.powerState === "poweredOn");
  assert.equal((await machine.inventory()).networkCards[0]?.isConnected, true);
});

test("boot delay, secure boot and firmware are changed while the VM is off, and what is not named stays", async () => {
  const served = await open({ name: "vm-01", firmware: "efi" });
  const machine = served.machine("vm-01");
  const vm = served.vm("vm-01");
  await machine.setBootOverride({ device: "pxe", persistent: true });
  const order = vm.bootOptions.bootOrder;
  const known = machine.snapshot()?.changeVersion;
  await machine.configure({ bootDelayMs: 5_000, secureBootEnabled: true });
  assert.notEqual(machine.snapshot()?.changeVersion, known, "who looks after the answer sees the change");
  assert.deepEqual([vm.bootDelayMs, vm.hasSecureBoot, vm.firmware], [5_000, true, "efi"]);
  assert.equal((await machine.inventory()).bootDelayMs, 5_000);
  await machine.configure({ firmware: "bios" });
  assert.deepEqual([vm.bootDelayMs, vm.hasSecureBoot, vm.firmware], [5_000, false, "bios"]);
  assert.deepEqual(vm.bootOptions.bootOrder, order);
  assert.equal((await machine.inventory()).firmware, "bios");
});

test("a VM that is on refuses changes of firmware settings, but not what is so already; a BIOS has no secure boot", async () => {
  const served = await open({ name: "vm-01", powerState: "poweredOn" }, { name: "vm-02" });
  const machine = served.machine("vm-01");
  await machine.configure({ bootDelayMs: 0, firmware: "bios", secureBootEnabled: false });
  const expected = { kind: "invalidState", message: /the VM is on, and .* only while it is off: switch it off first/ };
  await assert.rejects(machine.configure({ bootDelayMs: 1 }), expected);
  await assert.rejects(machine.configure({ firmware: "efi" }), expected);
  await assert.rejects(served.machine("vm-02").configure({ secureBootEnabled: true }), {
    kind: "unsupported",
    message: /secure boot needs EFI firmware/,
  });
  assert.equal(served.calls("ReconfigVM_Task"), 0);
});
