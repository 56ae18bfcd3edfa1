/** Devices of VMs as real servers describe them, sorted for the inventory. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeDevices, type Devices } from "../../src/vsphere/devices.js";
import { readProperties } from "../../src/vsphere/properties.js";
import { listOf } from "../../src/vsphere/soapValue.js";
import { recordedMachine, sessionOf } from "../support/recordedDevices.js";

async function devicesOf(file: string): Promise<Devices> {
  const path = "config.hardware.device";
  const properties = await readProperties(await sessionOf(file), recordedMachine, [path]);
  return decodeDevices(listOf(properties.get(path), "VirtualDevice"));
}

test("a VM with EFI has its disk on SAS, its CD-ROM on SATA and an adapter that is plugged in", async () => {
  assert.deepEqual(await devicesOf("recorded-vmx-14-efi.xml"), {
    storageControllers: [
      { key: 200, label: "IDE 0", model: "ide" },
      { key: 201, label: "IDE 1", model: "ide" },
      { key: 1000, label: "SCSI controller 0", model: "lsiLogicSas" },
      { key: 15000, label: "SATA controller 0", model: "ahci" },
    ],
    disks: [
      {
        key: 2000,
        label: "Hard disk 1",
        controllerKey: 1000,
        unitNumber: 0,
        capacityBytes: 21_474_836_480,
        uuid: "ec0d5493-e69a-4951-a8df-270b636bdfed",
      },
    ],
    removableDrives: [
      {
        key: 16000,
        label: "CD/DVD drive 1",
        controllerKey: 15000,
        unitNumber: 0,
        kind: "cdrom",
        isConnected: false,
        startsConnected: false,
      },
    ],
    networkCards: [
      {
        key: 4000,
        label: "Network adapter 1",
        model: "E1000e",
        macAddress: "00:50:56:00:00:01",
        speedMbps: 1_000,
        network: "x",
        isConnected: true,
        startsConnected: true,
        addresses: [],
        gateways: [],
      },
    ],
  });
});

/** [recording, what the disks hold in GiB, controllers, drives, adapters and their speed] */
const others = [
  ["recorded-vmx-08-bios.xml", /^16$/, "ide ide lsiLogic", "cdrom floppy", "E1000 1000"],
  ["recorded-vmx-10-bios.xml", /^([\d.]+ ){12}[\d.]+$/, "ide ide lsiLogic lsiLogic", "cdrom", "Vmxnet3 10000"],
  ["vrdma.xml", /^\?$/, "", "", "Vmxnet3Vrdma 10000"],
] as const;
for (const [file, capacities, controllers, drives, cards] of others) {
  test(`${file}: ${[controllers, drives, cards].filter((text) => text !== "").join(", ")}`, async () => {
    const { disks, storageControllers, removableDrives, networkCards } = await devicesOf(file);
    const gibibytes = disks.map(({ capacityBytes }) => (capacityBytes === undefined ? "?" : capacityBytes / 2 ** 30));
    assert.match(gibibytes.join(" "), capacities);
    assert.equal(storageControllers.map(({ model }) => model).join(" "), controllers);
    assert.equal(removableDrives.map(({ kind }) => kind).join(" "), drives);
    assert.equal(networkCards.map(({ model, speedMbps }) => `${model} ${speedMbps}`).join(" "), cards);
  });
}

test("an image in a drive is reported; a capacity in KB counts where there is none in bytes; unknown kinds are left out", () => {
  const device = (type: string, key: number, fields: object) => ({ attributes: { "xsi:type": type }, key, ...fields });
  const iso = { attributes: { "xsi:type": "VirtualCdromIsoBackingInfo" }, fileName: "[ds] x.iso" };
  const devices = decodeDevices([
    device("VirtualCdrom", 3000, { backing: iso, connectable: { connected: "true", startConnected: "true" } }),
    device("VirtualDisk", 2000, { capacityInKB: "1024" }),
    device("VirtualNVMEController", 31000, { deviceInfo: { label: "NVME controller 0" } }),
    device("VirtualFutureSCSIController", 1001, {}),
    device("VirtualSriovEthernetCard", 4000, { macAddress: "00:50:56:AA:00:01" }),
    device("VirtualTPM", 11000, {}),
  ]);
  assert.deepEqual(devices, {
    storageControllers: [
      { key: 31000, label: "NVME controller 0", model: "nvme" },
      { key: 1001, label: "Device 1001", model: "other" },
    ],
    disks: [{ key: 2000, label: "Device 2000", capacityBytes: 1_048_576 }],
    removableDrives: [
      {
        key: 3000,
        label: "Device 3000",
        kind: "cdrom",
        image: "[ds] x.iso",
        isConnected: true,
        startsConnected: true,
      },
    ],
    networkCards: [
      {
        key: 4000,
        label: "Device 4000",
        model: "SriovEthernetCard",
        macAddress: "00:50:56:aa:00:01",
        addresses: [],
        gateways: [],
      },
    ],
  });
});
