/** The hardware that a link reads, against what pyVmomi sees in the same VM. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import type { MachineInventory } from "../../../src/model/machine/inventory.js";
import { createVcenterLink } from "../../../src/process/link/vcenterLink.js";
import { type RunningVcenter, vcenters } from "../../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../../support/witness.js";

const noWitness = hasPyvmomi() ? false : "the Debian package python3-pyvmomi is not installed";

for (const { name, skip, toolsComeUp, start } of vcenters) {
  test(
    `${name}: CPUs, memory, controllers, disks, drives, adapters and addresses are what pyVmomi sees`,
    {
      skip: skip || noWitness,
    },
    async (t) => {
      const vcenter = await start(2);
      t.after(vcenter.close);
      const witness = await openWitness(vcenter.url, vcenter.username, vcenter.password);
      t.after(witness.close);
      const vmName = (await witness.names())[0] ?? "";
      const inventory = await readThroughLink(t, vcenter, vmName);
      const seen = await witness.hardware(vmName);
      assert.deepEqual(asWitnessed(inventory), {
        ...seen,
        coresPerSocket: seen.coresPerSocket || undefined,
        cpuModel: seen.cpuModel.replace(/\s+/g, " "),
        disks: seen.disks.map(([key, controllerKey, bytes, uuid]) => [key, controllerKey, bytes, uuid ?? undefined]),
        cards: seen.cards.map(([key, macAddress, isConnected]) => [key, macAddress.toLowerCase(), isConnected]),
        addresses: seen.addresses.flat(),
      });
      assert.ok(
        inventory.disks.length > 0 && inventory.networkCards.length > 0 && inventory.removableDrives.length > 0,
      );
      assert.equal(
        inventory.networkCards.some(({ addresses }) => addresses.length > 0),
        toolsComeUp,
      );
    },
  );
}

async function readThroughLink(
  t: { readonly after: (work: () => Promise<void>) => void },
  { url, username, password }: RunningVcenter,
  vmName: string,
): Promise<MachineInventory> {
  const directory = await mkdtemp(path.join(tmpdir(), "vbmc-hardware-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const tls = { trustFile: path.join(directory, "certificate") };
  let known = (): void => undefined;
  const isKnown = new Promise<void>((resolve) => (known = resolve));
  const configuration = { viserver: new URL(url).host, username, password, tls, nextBoot: "once" } as const;
  const link = createVcenterLink(configuration, (message) => {
    if (message.type === "machineReport" && message.report.fresh) {
      known();
    }
  });
  t.after(link.stop);
  link.serve([{ vmName, directory }]);
  await isKnown;
  assert.ok((await link.operate(vmName, { name: "power", power: "on" }, 10_000)).ok);
  const result = await link.operate(vmName, { name: "readInventory" }, 10_000);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value as MachineInventory;
}

function asWitnessed(inventory: MachineInventory): object {
  const { cpuCount, coresPerSocket, memorySizeMb, cpuModel, firmware } = inventory;
  return {
    cpuCount,
    coresPerSocket,
    memorySizeMb,
    cpuModel,
    firmware,
    controllers: inventory.storageControllers.map(({ key }) => key),
    disks: inventory.disks.map(({ key, controllerKey, capacityBytes, uuid }) => [
      key,
      controllerKey,
      capacityBytes,
      uuid,
    ]),
    drives: inventory.removableDrives.filter(({ kind }) => kind === "cdrom").map(({ key }) => key),
    cards: inventory.networkCards.map(({ key, macAddress, isConnected }) => [key, macAddress, isConnected]),
    addresses: inventory.networkCards.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
  };
}
