/** Firmware and software inventory, the registry of firmware settings, logs of the Manager, and subsystems of the Chassis. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { knownHardware } from "../../support/knownHardware.js";
import { createTestRedfish, messageNames, type TestRedfish } from "../../support/testRedfish.js";

const root = "/redfish/v1";

function createKnown(): TestRedfish {
  const redfish = createTestRedfish();
  redfish.machine.known = { firmware: "efi", hardwareVersion: "vmx-19" };
  redfish.machine.hardware = knownHardware;
  return redfish;
}

const ids = (collection: JsonObject): string[] =>
  (collection["Members"] as { "@odata.id": string }[]).map((member) => member["@odata.id"].replace(/^.*\//, ""));

test("the firmware inventory has the versions of BMC and BIOS, the software inventory that of VMware Tools", async () => {
  const { get } = createKnown();
  assert.deepEqual(ids(await get(`${root}/UpdateService/FirmwareInventory`)), ["BMC", "BIOS"]);
  const read = async (component: string) => {
    const { Version, Updateable, RelatedItem, Status } = await get(`${root}/UpdateService/${component}`);
    return [Version, Updateable, (RelatedItem as { "@odata.id": string }[])[0]?.["@odata.id"], Status];
  };
  const enabled = { State: "Enabled", Health: "OK" };
  assert.deepEqual(await read("FirmwareInventory/BMC"), ["1.2.3", false, `${root}/Managers/1`, enabled]);
  assert.deepEqual(await read("FirmwareInventory/BIOS"), ["EFI vmx-19", false, `${root}/Systems/1`, enabled]);
  assert.deepEqual(await read("SoftwareInventory/VMwareTools"), ["12.2.0", false, `${root}/Systems/1`, enabled]);
});

test("Tools that are not installed are absent, and nothing can be updated", async () => {
  const redfish = createTestRedfish();
  const { Version, Status } = await redfish.get(`${root}/UpdateService/SoftwareInventory/VMwareTools`);
  assert.deepEqual([Version, Status], [null, { State: "Absent", Health: null }]);
  const { ServiceEnabled, Actions } = await redfish.get(`${root}/UpdateService`);
  assert.deepEqual([ServiceEnabled, Actions], [false, {}]);
  const update = await redfish.send("POST", `${root}/UpdateService/Actions/UpdateService.SimpleUpdate`, {});
  assert.equal(update.status, 404);
});

test("the attribute registry describes each attribute of the Bios resource, and what can be written", async () => {
  const redfish = createKnown();
  const { AttributeRegistry, Attributes } = await redfish.get(`${root}/Systems/1/Bios`);
  const { Location, Registry } = await redfish.get(`${root}/Registries/${textOf(AttributeRegistry)}`);
  assert.equal(Registry, AttributeRegistry);
  const file = await redfish.get((Location as { Uri: string }[])[0]?.Uri ?? "");
  const entries = (file["RegistryEntries"] as { Attributes: Record<string, unknown>[] }).Attributes;
  assert.deepEqual(
    entries.map(({ AttributeName }) => AttributeName),
    Object.keys(Attributes as JsonObject),
  );
  assert.deepEqual(
    entries
      .filter(({ ReadOnly }) => ReadOnly === false)
      .map(({ AttributeName: name, UpperBound }) => [name, UpperBound]),
    [["bootDelay", 10_000]],
  );
  for (const { AttributeName: name, Type } of entries) {
    const value = (Attributes as JsonObject)[String(name)];
    assert.equal(typeof value, { Boolean: "boolean", Integer: "number", Enumeration: "string" }[String(Type)]);
  }
});

test("ResetBios sets what can be set to what a new VM has, while the VM is off", async () => {
  const redfish = createKnown();
  const reset = (): ReturnType<TestRedfish["send"]> =>
    redfish.send("POST", `${root}/Systems/1/Bios/Actions/Bios.ResetBios`, {});
  assert.equal((await reset()).status, 204);
  assert.deepEqual(redfish.machine.changes, [{ bootDelayMs: 0 }]);
  redfish.machine.state = "poweredOn";
  const refused = await reset();
  assert.deepEqual([refused.status, messageNames(refused)], [409, ["ResourceInUse"]]);
});

test("the SEL is below System and Manager, and clearing one clears the other", async () => {
  const redfish = createTestRedfish();
  const systemLog = `${root}/Systems/1/LogServices/SEL`;
  const managerLog = `${root}/Managers/1/LogServices/SEL`;
  redfish.bmc.events.record({ type: "bmcStarted" });
  const entriesOf = async (log: string): Promise<unknown[]> => {
    const { Members } = await redfish.get(`${log}/Entries`);
    return (Members as JsonObject[]).map(({ Message, "@odata.id": uri }) => [Message, textOf(uri).startsWith(log)]);
  };
  const entries = await entriesOf(managerLog);
  assert.equal(entries.length, 1);
  assert.deepEqual(await entriesOf(systemLog), entries);
  const first = await redfish.get(`${managerLog}/Entries/1`);
  assert.equal(first["@odata.id"], `${managerLog}/Entries/1`);
  assert.equal((await redfish.send("POST", `${managerLog}/Actions/LogService.ClearLog`, {})).status, 204);
  const cleared = await entriesOf(systemLog);
  assert.match(String(cleared), /cleared/i);
  assert.deepEqual(await entriesOf(managerLog), cleared);
});

test("an Operator clears the log of the System, but not that of the Manager", async () => {
  const { service } = createTestRedfish();
  const principal = { userId: 3, userName: "op", role: "Operator" } as const;
  const clear = async (uri: string): Promise<number> => {
    const path = `${uri}/LogServices/SEL/Actions/LogService.ClearLog`;
    const request = { method: "POST", path, query: "", headers: {}, remote: "192.0.2.9", body: "{}" };
    return (await service.handle(request, { principal })).status;
  };
  assert.equal(await clear(`${root}/Systems/1`), 204);
  assert.equal(await clear(`${root}/Managers/1`), 403);
});

test("a VM has neither power supplies nor fans, and its light is that of the System", async () => {
  const redfish = createTestRedfish();
  assert.deepEqual(ids(await redfish.get(`${root}/Chassis/1/PowerSubsystem/PowerSupplies`)), []);
  assert.deepEqual(ids(await redfish.get(`${root}/Chassis/1/ThermalSubsystem/Fans`)), []);
  await redfish.send("PATCH", `${root}/Chassis/1`, { LocationIndicatorActive: true });
  assert.equal((await redfish.get(`${root}/Systems/1`))["LocationIndicatorActive"], true);
  assert.equal(redfish.bmc.chassis.identifyState(), "indefinite");
});
