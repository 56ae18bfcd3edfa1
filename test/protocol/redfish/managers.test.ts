/** The BMC itself, its log and its sensors. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { createFakeConsole } from "../../support/fakeConsole.js";
import { schemaErrors } from "../../support/redfishSchemas.js";
import { createTestRedfish, messageNames, type TestRedfish } from "../../support/testRedfish.js";

const manager = "/redfish/v1/Managers/1";
const sel = "/redfish/v1/Systems/1/LogServices/SEL";

async function entries(redfish: TestRedfish): Promise<JsonObject[]> {
  return (await redfish.get(`${sel}/Entries`))["Members"] as JsonObject[];
}

test("the manager's network is the BMC's own: fake MAC address, listening address, both ports", async () => {
  const { get } = createTestRedfish();
  const nic = await get(`${manager}/EthernetInterfaces/1`);
  assert.equal(nic["MACAddress"], "02:00:00:11:22:33");
  assert.deepEqual(nic["IPv4Addresses"], [
    { Address: "192.0.2.7", SubnetMask: "255.255.255.0", Gateway: "192.0.2.1", AddressOrigin: "Static" },
  ]);
  const { HTTPS, HTTP, IPMI } = await get(`${manager}/NetworkProtocol`);
  assert.deepEqual(
    [HTTPS, HTTP, IPMI],
    [
      { ProtocolEnabled: true, Port: 443 },
      { ProtocolEnabled: false, Port: null },
      { ProtocolEnabled: true, Port: 623 },
    ],
  );
});

test("the serial console is reported where there is one, with the port of Serial over LAN, until SOL is disabled", async () => {
  const consoleOf = async ({ get }: TestRedfish): Promise<unknown> => [
    (await get("/redfish/v1/Systems/1"))["SerialConsole"],
    (await get(manager))["SerialConsole"],
  ];
  const none = [
    { IPMI: { ServiceEnabled: false } },
    { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] },
  ];
  assert.deepEqual(await consoleOf(createTestRedfish()), none);
  const redfish = createTestRedfish({ console: createFakeConsole(), solPort: 6623 });
  redfish.push();
  assert.deepEqual(await consoleOf(redfish), [
    { MaxConcurrentSessions: 1, IPMI: { ServiceEnabled: true, Port: 6623, SharedWithManagerCLI: false } },
    { ServiceEnabled: true, MaxConcurrentSessions: 1, ConnectTypesSupported: ["IPMI"] },
  ]);
  await redfish.bmc.sol.change({ isEnabled: false });
  assert.deepEqual(await consoleOf(redfish), none);
});

test("date, time and offset are those of IPMI's SEL time, and can be set", async () => {
  const redfish = createTestRedfish();
  redfish.now = Date.parse("2026-03-04T05:06:07Z");
  assert.equal((await redfish.get(manager))["DateTime"], "2026-03-04T05:06:07Z");
  const { body } = await redfish.send("PATCH", manager, { DateTimeLocalOffset: "-03:30" });
  assert.deepEqual([body["DateTime"], body["DateTimeLocalOffset"]], ["2026-03-04T01:36:07-03:30", "-03:30"]);
  assert.equal(redfish.bmc.clock.utcOffset(), -210);
  const set = await redfish.send("PATCH", manager, { DateTime: "2026-01-01T00:00:00Z" });
  assert.equal(set.body["DateTime"], "2025-12-31T20:30:00-03:30");
  for (const wrong of ["yesterday", "2026-13-01T00:00:00Z", "1969-12-31T00:00:00Z", "2200-01-01T00:00:00Z"]) {
    const reply = await redfish.send("PATCH", manager, { DateTime: wrong });
    assert.deepEqual([reply.status, messageNames(reply)], [400, ["PropertyValueFormatError"]], wrong);
  }
});

test("a reset of the manager is the BMC's cold reset, which the VM does not notice", async () => {
  const redfish = createTestRedfish();
  redfish.pass(60_000);
  const before = (await redfish.get(manager))["LastResetTime"];
  const { status } = await redfish.send("POST", `${manager}/Actions/Manager.Reset`, { ResetType: "ForceRestart" });
  assert.equal(status, 204);
  assert.notEqual((await redfish.get(manager))["LastResetTime"], before);
  assert.deepEqual(redfish.machine.operations, []);
  assert.equal((await entries(redfish)).at(-1)?.["SensorType"], "Management Subsystem Health");
});

test("log entries are in their collection whole, and read as records do over IPMI", async () => {
  const redfish = createTestRedfish();
  redfish.now = Date.parse("2026-03-04T05:06:07Z");
  redfish.push();
  const reset = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset";
  await redfish.send("POST", reset, { ResetType: "On" });
  await redfish.send("POST", reset, { ResetType: "ForceRestart" });
  const [first, second] = await entries(redfish);
  assert.deepEqual(first, {
    "@odata.type": "#LogEntry.v1_21_0.LogEntry",
    "@odata.id": `${sel}/Entries/1`,
    Id: "1",
    Name: "Log Entry 1",
    EntryType: "SEL",
    Message: "Power Unit #0x01 | Power off/down | Deasserted: powered on by user 2, whose address ends in 9",
    Created: "2026-03-04T05:06:07Z",
    Severity: "OK",
    EntryCode: "Deassert",
    SensorType: "PowerUnit",
    SensorNumber: 1,
    MessageId: "0xefa04209",
    GeneratorId: "0x0020",
  });
  assert.equal(second?.["SensorType"], "SystemBoot/Restart");
  const one = await redfish.get(`${sel}/Entries/2`);
  assert.deepEqual({ ...one, "@odata.etag": undefined }, { ...second, "@odata.etag": undefined });
  const page = await redfish.get(`${sel}/Entries?$skip=1&$top=1`);
  assert.deepEqual([page["Members@odata.count"], page["Members"]], [2, [second]]);
});

test("the log can be cleared, which leaves who did it; single entries can be deleted", async () => {
  const redfish = createTestRedfish();
  for (const type of ["bmcStarted", "questionAsked", "questionAnswered"] as const) {
    redfish.bmc.events.record({ type });
  }
  const severities = (await entries(redfish)).map(({ Severity }) => Severity);
  assert.deepEqual(severities, ["OK", "Critical", "OK"]);
  assert.equal((await redfish.send("DELETE", `${sel}/Entries/2`)).status, 204);
  assert.equal((await redfish.send("GET", `${sel}/Entries/2`)).status, 404);
  assert.deepEqual(
    (await entries(redfish)).map(({ Id }) => Id),
    ["1", "3"],
  );
  assert.equal((await redfish.send("POST", `${sel}/Actions/LogService.ClearLog`, {})).status, 204);
  const [left, ...others] = await entries(redfish);
  assert.match(textOf(left?.["Message"]), /Log area reset\/cleared/);
  assert.deepEqual(others, []);
});

test("a record of another maker is an entry too", async () => {
  const redfish = createTestRedfish();
  const record = Buffer.from("0000c0112233440102030405060708ff", "hex");
  await redfish.bmc.sel.add(record, redfish.bmc.clock.now()).persisted;
  const [entry] = await entries(redfish);
  assert.deepEqual([entry?.["EntryType"], entry?.["OemRecordFormat"]], ["SEL", "Record type c0h"]);
});

test("sensors have IPMI's numbers, values and thresholds; a VM that is off has none, and says so", async () => {
  const redfish = createTestRedfish();
  const sensor = "/redfish/v1/Chassis/1/Sensors/10h";
  redfish.machine.state = "poweredOn";
  redfish.machine.known = { cpuCapacityMhz: 8_000 };
  redfish.machine.live = { cpuUsageMhz: 7_400, powerWatts: 41.5 };
  const { Name, Reading, ReadingUnits, Status, Thresholds } = await redfish.get(sensor);
  assert.deepEqual([Name, Reading, ReadingUnits], ["CPU Usage", 92.5, "%"]);
  assert.deepEqual(Status, { State: "Enabled", Health: "Warning" });
  assert.deepEqual((Thresholds as Record<string, JsonObject>)["UpperCritical"]?.["Reading"], 98);
  const metrics = await redfish.get("/redfish/v1/Chassis/1/EnvironmentMetrics");
  assert.deepEqual(metrics["PowerWatts"], {
    DataSourceUri: "/redfish/v1/Chassis/1/Sensors/17h",
    Reading: 41.5,
  });
  redfish.machine.state = "poweredOff";
  const off = await redfish.get(sensor);
  assert.deepEqual([off["Reading"], off["Status"]], [null, { State: "UnavailableOffline", Health: null }]);
});

test("the message registry is listed with where it is, and served as its file", async () => {
  const text = '{"Id":"Base.1.22.1"}';
  const redfish = createTestRedfish({}, { facts: { httpsPort: 443, registryFile: () => Promise.resolve(text) } });
  const { Registry, Location } = await redfish.get("/redfish/v1/Registries/Base.1.22.1");
  assert.equal(Registry, "Base.1.22");
  const [place] = Location as JsonObject[];
  const path = textOf(place?.["Uri"]);
  const request = { method: "GET", path, query: "", remote: "192.0.2.9" };
  assert.equal((await redfish.service.handle({ ...request, headers: {} })).status, 401);
  const principal = { userId: 2, userName: "admin", role: "ReadOnly" } as const;
  const { status, body } = await redfish.service.handle({ ...request, headers: {} }, { principal });
  assert.deepEqual([status, body], [200, text]);
});

test("a BMC that does not reach its VM says why in the Manager's Status, and when the next login is tried", async () => {
  const redfish = createTestRedfish();
  redfish.machine.trouble = () => ({
    ...{ reason: "vc.example.com refuses the password of lab", nextTry: "2026-01-02T03:04:05.000Z", since: 0 },
  });
  const { Status } = await redfish.get(manager);
  assert.deepEqual(Status, {
    State: "Enabled",
    Health: "Warning",
    Conditions: [
      {
        MessageId: "Base.1.22.GeneralError",
        Message: "vc.example.com refuses the password of lab; next try at 2026-01-02T03:04:05.000Z",
        Severity: "Warning",
        Timestamp: "1970-01-01T00:00:00.000Z",
      },
    ],
  });
  assert.deepEqual(schemaErrors(await redfish.get(manager)), []);
  redfish.machine.trouble = () => undefined;
  assert.deepEqual((await redfish.get(manager))["Status"], { State: "Enabled", Health: "OK" });
});
