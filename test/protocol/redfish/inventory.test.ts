/** The VM's hardware as Redfish has it, as sushy, check_redfish and Ansible read it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { MachineError } from "../../../src/model/machine/errors.js";
import type { MachineInventory } from "../../../src/model/machine/inventory.js";
import type { JsonObject } from "../../../src/protocol/redfish/json.js";
import { knownHardware } from "../../support/knownHardware.js";
import { createTestRedfish, messageNames, type TestRedfish } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";
const adapters = "/redfish/v1/Chassis/1/NetworkAdapters";

function createKnown(
  hardware: MachineInventory = knownHardware,
  state: "poweredOn" | "poweredOff" = "poweredOn",
): TestRedfish {
  const redfish = createTestRedfish();
  redfish.machine.hardware = hardware;
  redfish.machine.state = state;
  redfish.machine.known = {
    firmware: "efi",
    hardwareVersion: "vmx-19",
    cpuCount: 4,
    coresPerSocket: 2,
    memorySizeMb: 512,
  };
  redfish.push();
  return redfish;
}

/** Some properties of a resource. */
async function some(redfish: TestRedfish, uri: string, ...names: string[]): Promise<JsonObject> {
  const body = await redfish.get(uri);
  return Object.fromEntries(names.map((name) => [name, body[name]]));
}

function memberIds(body: JsonObject): string[] {
  return (body["Members"] as { "@odata.id": string }[]).map((member) => member["@odata.id"].replace(/^.*\//, ""));
}

test("a System says what is pushed of its hardware, and asks vCenter for none", async () => {
  const redfish = createKnown();
  const { ProcessorSummary, MemorySummary, Model, SKU, BiosVersion } = await redfish.get(system);
  const Status = { State: "Enabled", Health: "OK" };
  assert.deepEqual(
    { ProcessorSummary, MemorySummary, Model, SKU, BiosVersion },
    {
      ProcessorSummary: { Count: 2, CoreCount: 4, LogicalProcessorCount: 4, Model: null, Status },
      MemorySummary: { TotalSystemMemoryGiB: 0.5, Status },
      Model: "VMware7,1",
      SKU: "vmx-19",
      BiosVersion: "EFI vmx-19",
    },
  );
  assert.ok(!redfish.machine.operations.includes("inventory"));
});

const models = [
  ["bios", "vmx-21", "VMware Virtual Platform"],
  ["efi", "vmx-20", "VMware20,1"],
  ["efi", "vmx-13", "VMware7,1"],
] as const;
for (const [firmware, hardwareVersion, model] of models) {
  test(`a VM with ${firmware} and ${hardwareVersion} is a ${model}`, async () => {
    const redfish = createKnown();
    redfish.machine.known = { firmware, hardwareVersion };
    assert.equal((await redfish.get(system))["Model"], model);
    assert.equal((await redfish.get("/redfish/v1/Chassis/1"))["Model"], model);
  });
}

test("there is a processor for each socket, with its cores and the host's CPU model", async () => {
  const redfish = createKnown();
  assert.deepEqual(memberIds(await redfish.get(`${system}/Processors`)), ["1", "2"]);
  const uri = `${system}/Processors/2`;
  const names = ["ProcessorArchitecture", "InstructionSet", "TotalCores", "TotalThreads", "Model", "Manufacturer"];
  assert.deepEqual(await some(redfish, uri, ...names), {
    ProcessorArchitecture: "x86",
    InstructionSet: "x86-64",
    TotalCores: 2,
    TotalThreads: 2,
    Model: "Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz",
    Manufacturer: "GenuineIntel",
  });
  assert.equal((await redfish.send("GET", `${system}/Processors/3`)).status, 404);
});

test("memory is one module", async () => {
  const redfish = createKnown();
  assert.deepEqual(await some(redfish, `${system}/Memory/1`, "CapacityMiB", "MemoryType"), {
    CapacityMiB: 6_144,
    MemoryType: "DRAM",
  });
});

test("an adapter of a running VM has the guest's addresses; no address stands for none", async () => {
  const redfish = createKnown();
  const names = ["MACAddress", "SpeedMbps", "LinkStatus", "Status", "HostName", "FQDN", "NameServers"];
  const addresses = ["IPv4Addresses", "IPv6Addresses", "IPv6DefaultGateway"];
  assert.deepEqual(await some(redfish, `${system}/EthernetInterfaces/4000`, ...names, ...addresses), {
    MACAddress: "00:50:56:aa:00:01",
    SpeedMbps: 10_000,
    LinkStatus: "LinkUp",
    Status: { State: "Enabled", Health: "OK" },
    HostName: "web01",
    FQDN: "web01.example",
    NameServers: ["192.0.2.2"],
    IPv4Addresses: [
      { Address: "192.0.2.15", SubnetMask: "255.255.255.0", AddressOrigin: "DHCP", Gateway: "192.0.2.1" },
      { Address: "198.51.100.1", SubnetMask: "255.255.240.0", AddressOrigin: "Static" },
    ],
    IPv6Addresses: [
      { Address: "2001:db8::15", PrefixLength: 64, AddressOrigin: "SLAAC" },
      { Address: "fe80::250:56ff:feaa:1", PrefixLength: 64, AddressOrigin: "LinkLocal" },
    ],
    IPv6DefaultGateway: "fe80::1",
  });
  assert.deepEqual(await some(redfish, `${system}/EthernetInterfaces/4001`, "LinkStatus", "Status"), {
    LinkStatus: "NoLink",
    Status: { State: "Disabled", Health: null },
  });
});

test("while the VM is off an adapter counts as enabled if it is connected at the next start", async () => {
  const [card, other] = knownHardware.networkCards.map((each) => ({ ...each, isConnected: false, addresses: [] }));
  const redfish = createKnown({ ...knownHardware, networkCards: [card!, other!] }, "poweredOff");
  const read = (key: number): Promise<JsonObject> =>
    some(redfish, `${system}/EthernetInterfaces/${key}`, "LinkStatus", "Status", "IPv4Addresses");
  assert.deepEqual(await read(4000), {
    LinkStatus: "LinkDown",
    Status: { State: "Enabled", Health: "OK" },
    IPv4Addresses: [],
  });
  assert.deepEqual((await read(4001))["Status"], { State: "Disabled", Health: null });
});

test("check_redfish gets from a System's NetworkInterfaces to adapter, function and port", async () => {
  const redfish = createKnown();
  const follow = async (uri: string, ...path: string[]): Promise<JsonObject> => {
    const found = path.reduce<unknown>((value, name) => (value as JsonObject)[name], await redfish.get(uri));
    return redfish.get((found as { "@odata.id": string })["@odata.id"]);
  };
  const adapter = await follow(`${system}/NetworkInterfaces/4000`, "Links", "NetworkAdapter");
  assert.equal(adapter["@odata.id"], `${adapters}/4000`);
  const functions = await follow(`${adapters}/4000`, "NetworkDeviceFunctions");
  assert.deepEqual(memberIds(functions), ["1"]);
  const port = await follow(`${adapters}/4000/NetworkDeviceFunctions/1`, "Links", "PhysicalPortAssignment");
  assert.deepEqual(
    [port["CurrentLinkSpeedMbps"], port["LinkStatus"], port["AssociatedNetworkAddresses"]],
    [10_000, "Up", ["00:50:56:aa:00:01"]],
  );
  const assigned = await follow(`${adapters}/4000/NetworkDeviceFunctions/1`, "Links", "PhysicalNetworkPortAssignment");
  assert.deepEqual(
    [assigned["CurrentSpeedGbps"], assigned["LinkStatus"], assigned["Ethernet"]],
    [10, "LinkUp", { AssociatedMACAddresses: ["00:50:56:aa:00:01"] }],
  );
  for (const missing of ["4002", "4002/Ports", "4000/Ports/2", "4000/NetworkDeviceFunctions/0"]) {
    assert.equal((await redfish.send("GET", `${adapters}/${missing}`)).status, 404, missing);
  }
});

test("each controller is a Storage with its drives and no volumes; SimpleStorage has those with disks", async () => {
  const redfish = createKnown();
  assert.deepEqual(memberIds(await redfish.get(`${system}/Storage`)), ["200", "1000", "1001", "15000", "31000"]);
  assert.deepEqual(memberIds(await redfish.get(`${system}/SimpleStorage`)), ["1000", "31000"]);
  const uri = `${system}/Storage/1000`;
  assert.deepEqual(await some(redfish, uri, "Drives", "Volumes", "Controllers"), {
    Drives: [{ "@odata.id": `${uri}/Drives/2000` }],
    Volumes: { "@odata.id": `${uri}/Volumes` },
    Controllers: { "@odata.id": `${uri}/Controllers` },
  });
  const names = ["CapacityBytes", "SerialNumber", "Protocol", "Name"];
  assert.deepEqual(await some(redfish, `${uri}/Drives/2000`, ...names), {
    CapacityBytes: 42_949_672_960,
    SerialNumber: "6000c29f-1111-2222-3333-444455556666",
    Protocol: "SAS",
    Name: "Hard disk 1",
  });
  assert.deepEqual(await some(redfish, `${system}/Storage/31000/Controllers/1`, "Model", "SupportedDeviceProtocols"), {
    Model: "NVMe",
    SupportedDeviceProtocols: ["NVMe"],
  });
  const volumes = await redfish.get(`${uri}/Volumes`);
  assert.deepEqual([volumes["Members"], volumes["Members@odata.count"]], [[], 0]);
  assert.equal(typeof volumes["@Redfish.OperationApplyTimeSupport"], "object");
  for (const missing of ["2000", "1000/Drives/32000", "1000/Controllers/2", "2000/Volumes", "2000/Controllers"]) {
    assert.equal((await redfish.send("GET", `${system}/Storage/${missing}`)).status, 404, missing);
  }
  assert.equal((await redfish.send("GET", `${system}/SimpleStorage/200`)).status, 404);
});

test("what is not known of the hardware is absent, and none of it is 503 while vCenter is away", async () => {
  const redfish = createTestRedfish();
  assert.deepEqual(memberIds(await redfish.get(`${system}/Processors`)), []);
  assert.deepEqual(memberIds(await redfish.get(`${system}/Memory`)), []);
  assert.deepEqual((await redfish.get(`${system}/Bios`))["Attributes"], {});
  redfish.machine.failure = new MachineError("unavailable", "vc.lab.test cannot be reached");
  const reply = await redfish.send("GET", `${system}/EthernetInterfaces`);
  assert.deepEqual([reply.status, messageNames(reply)], [503, ["ServiceTemporarilyUnavailable"]]);
});

test("the boot delay is changed through the settings of the Bios while the VM is off, and 409 while it is on", async () => {
  const redfish = createKnown(knownHardware, "poweredOff");
  const { "@Redfish.Settings": settings } = await redfish.get(`${system}/Bios`);
  const uri = `${system}/Bios/Settings`;
  assert.deepEqual((settings as JsonObject)["SettingsObject"], { "@odata.id": uri });
  assert.equal((await redfish.get(system))["@Redfish.Settings"], undefined, "sushy would write the boot device there");
  const change = (bootDelay: unknown): ReturnType<TestRedfish["send"]> =>
    redfish.send("PATCH", uri, { Attributes: { bootDelay } });
  assert.equal((await change(5_000)).status, 200);
  assert.deepEqual(redfish.machine.changes, [{ bootDelayMs: 5_000 }]);
  assert.equal(((await redfish.get(`${system}/Bios`))["Attributes"] as JsonObject)["bootDelay"], 5_000);
  for (const [value, name] of [
    [10_001, "PropertyValueOutOfRange"],
    ["5 s", "PropertyValueTypeError"],
  ] as const) {
    const reply = await change(value);
    assert.deepEqual([reply.status, messageNames(reply)], [400, [name]]);
  }
  const readOnly = await redfish.send("PATCH", uri, { Attributes: { firmware: "bios" } });
  assert.deepEqual([readOnly.status, messageNames(readOnly)], [400, ["PropertyNotWritable"]]);
  redfish.machine.state = "poweredOn";
  const refused = await change(6_000);
  assert.deepEqual([refused.status, messageNames(refused)], [409, ["ResourceInUse"]]);
  assert.equal(redfish.machine.changes.length, 1);
});

test("secure boot is there with EFI only, and changes while the VM is off", async () => {
  const redfish = createKnown(knownHardware, "poweredOff");
  const uri = `${system}/SecureBoot`;
  const names = ["SecureBootEnable", "SecureBootCurrentBoot"];
  assert.deepEqual((await redfish.get(system))["SecureBoot"], { "@odata.id": uri });
  assert.deepEqual(await some(redfish, uri, ...names), { SecureBootEnable: true, SecureBootCurrentBoot: "Enabled" });
  assert.equal((await redfish.send("PATCH", uri, { SecureBootEnable: false })).status, 200);
  assert.deepEqual(await some(redfish, uri, ...names), { SecureBootEnable: false, SecureBootCurrentBoot: "Disabled" });
  redfish.machine.state = "poweredOn";
  assert.equal((await redfish.send("PATCH", uri, { SecureBootEnable: true })).status, 409);
  redfish.machine.known = { firmware: "bios" };
  assert.equal((await redfish.get(system))["SecureBoot"], undefined);
  assert.equal((await redfish.send("GET", uri)).status, 404);
});
