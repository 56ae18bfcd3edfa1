/** The hardware that a link reads and a Redfish client is shown, against what pyVmomi sees in the same VM. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import type { MachineInventory } from "../../../src/model/machine/inventory.js";
import { createRemoteMachine, type RemoteMachine } from "../../../src/process/child/remoteMachine.js";
import { createVcenterLink } from "../../../src/process/link/vcenterLink.js";
import type { JsonObject } from "../../../src/protocol/redfish/json.js";
import { removeFolder } from "../../support/temporaryFolder.js";
import { createTestRedfish } from "../../support/testRedfish.js";
import { type RunningVcenter, vcenters } from "../../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../../support/witness.js";

const noWitness = hasPyvmomi() ? false : "the Debian package python3-pyvmomi is not installed";

for (const { name, skip, toolsComeUp, start } of vcenters) {
  test(
    `${name}: CPUs, memory, controllers, disks, drives, adapters and addresses are what pyVmomi sees, up to Redfish`,
    {
      skip: skip || noWitness,
    },
    async (t) => {
      const vcenter = await start(2);
      t.after(vcenter.close);
      const witness = await openWitness(vcenter.url, vcenter.username, vcenter.password);
      t.after(witness.close);
      const vmName = (await witness.names())[0] ?? "";
      const machine = await machineThroughLink(t, vcenter, vmName);
      const inventory = await machine.inventory();
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
      assert.deepEqual(await overRedfish(machine), {
        sockets: Math.ceil(seen.cpuCount / (seen.coresPerSocket || 1)),
        memoryMib: [seen.memorySizeMb],
        bytes: seen.disks.map(([, , bytes]) => bytes),
        macAddresses: seen.cards.map(([, macAddress]) => macAddress.toLowerCase()),
        addresses: seen.addresses.flat(),
      });
    },
  );
}

/** What a client reads of the same machine. */
async function overRedfish(machine: RemoteMachine): Promise<object> {
  const redfish = createTestRedfish({}, { machine });
  const members = async (uri: string): Promise<readonly JsonObject[]> => {
    const body = await redfish.get(`/redfish/v1/Systems/1/${uri}?$expand=.`);
    return body["Members"] as readonly JsonObject[];
  };
  const storages = await members("Storage");
  const drives = storages.flatMap((storage) => storage["Drives"] as { readonly "@odata.id": string }[]);
  const disks = await Promise.all(drives.map((drive) => redfish.get(drive["@odata.id"])));
  const interfaces = await members("EthernetInterfaces");
  const addressesOf = (body: JsonObject): unknown[] =>
    ["IPv4Addresses", "IPv6Addresses"]
      .flatMap((name) => body[name] as readonly JsonObject[])
      .map((entry) => entry["Address"]);
  return {
    sockets: (await members("Processors")).length,
    memoryMib: (await members("Memory")).map((body) => body["CapacityMiB"]),
    bytes: disks.map((body) => body["CapacityBytes"]),
    macAddresses: interfaces.map((body) => body["MACAddress"]),
    addresses: interfaces.flatMap(addressesOf),
  };
}

async function machineThroughLink(
  t: { readonly after: (work: () => Promise<void>) => void },
  { url, username, password }: RunningVcenter,
  vmName: string,
): Promise<RemoteMachine> {
  const directory = await mkdtemp(path.join(tmpdir(), "vbmc-hardware-"));
  t.after(() => removeFolder(directory));
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
  const machine = createRemoteMachine((operation, deadline) => link.operate(vmName, operation, deadline));
  await machine.power("on");
  return machine;
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
