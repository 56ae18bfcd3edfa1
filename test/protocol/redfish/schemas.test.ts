/** Every resource of the service, found by its links as a client finds it, against DMTF's own schemas. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { generate } from "selfsigned";

import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../../src/protocol/redfish/json.js";
import { resources } from "../../../src/protocol/redfish/resources/index.js";
import { createRouter } from "../../../src/protocol/redfish/router.js";
import { knownHardware } from "../../support/knownHardware.js";
import { schemaErrors } from "../../support/redfishSchemas.js";
import { createTestRedfish, type TestRedfish } from "../../support/testRedfish.js";

const route = createRouter(resources, []);

/** Resources by URI, from the root through all links. */
async function walk(redfish: TestRedfish): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  const waiting = ["/redfish/v1/"];
  for (let uri = waiting.pop(); uri !== undefined; uri = waiting.pop()) {
    if (!found.has(uri)) {
      const body = await redfish.get(uri);
      found.set(uri, body);
      waiting.push(...linksOf(body));
    }
  }
  return found;
}

function linksOf(value: Json | undefined): string[] {
  if (isJsonArray(value)) {
    return value.flatMap(linksOf);
  }
  if (!isJsonObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    const isLink = (name === "@odata.id" || name === "@Redfish.ActionInfo") && typeof inner === "string";
    return isLink && !inner.includes("#") ? [inner] : linksOf(inner);
  });
}

/** A machine of which everything is known. */
function createKnown(): TestRedfish {
  const redfish = createTestRedfish();
  redfish.machine.state = "poweredOn";
  redfish.machine.name = "web01";
  redfish.machine.bootTime = "2026-01-02T03:04:05.678Z";
  redfish.machine.guestFullName = "Debian GNU/Linux 12 (64-bit)";
  redfish.machine.known = {
    firmware: "efi",
    hardwareVersion: "vmx-19",
    guestHostName: "web01.example",
    toolsRunning: true,
    overallStatus: "green",
    guestHeartbeatStatus: "green",
    cpuCount: 4,
    memorySizeMb: 6_144,
    cpuCapacityMhz: 8_000,
  };
  redfish.machine.hardware = knownHardware;
  redfish.machine.live = { cpuUsageMhz: 2_000, uptimeSeconds: 90_000, powerWatts: 37, guestMemoryUsageMb: 1_024 };
  redfish.push();
  return redfish;
}

async function fill(redfish: TestRedfish): Promise<void> {
  await redfish.send("POST", "/redfish/v1/SessionService/Sessions", { UserName: "admin", Password: "password" });
  await redfish.send("POST", "/redfish/v1/AccountService/Accounts", {
    UserName: "eve",
    Password: "secret",
    RoleId: "ReadOnly",
  });
  await redfish.send("POST", "/redfish/v1/EventService/Subscriptions", {
    Destination: "https://events.example.com/",
    Protocol: "Redfish",
    Severities: ["Warning"],
  });
  await redfish.send("POST", "/redfish/v1/Systems/1/VirtualMedia/Cd/Certificates", {
    CertificateString: (await generate([{ name: "commonName", value: "images.example.com" }], { keyType: "ec" })).cert,
    CertificateType: "PEM",
  });
  const reset = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset";
  await redfish.send("POST", reset, { ResetType: "ForceRestart" }, { prefer: "respond-async" });
  await redfish.send("POST", reset, { ResetType: "PowerCycle" });
}

for (const [title, create] of [
  ["of which everything is known", createKnown],
  ["of which only the power state is known", createTestRedfish],
] as const) {
  test(`every resource of a machine ${title} is as its schema says, and every link leads somewhere`, async () => {
    const redfish = create();
    await fill(redfish);
    const found = await walk(redfish);
    const errors = [...found].flatMap(([uri, body]) => schemaErrors(body).map((error) => `${uri}: ${error}`));
    assert.deepEqual(errors, []);
    for (const [uri, body] of found) {
      assert.equal(body["@odata.id"], uri, "a resource says itself where it is");
      assert.equal(body["@odata.type"], `#${typeOf(uri)}`);
      assert.equal(typeof body["Name"], "string");
    }
  });
}

function typeOf(uri: string): string {
  const found = route(uri);
  return found?.kind === "resource" ? found.resource.type : "";
}

test("every resource of the table can be found by links from the root", async () => {
  const redfish = createKnown();
  await fill(redfish);
  const uris = [...(await walk(redfish)).keys()];
  const reached = new Set(uris.map((uri) => templateOf(uri)));
  assert.deepEqual(
    resources.map(({ uri }) => uri).filter((uri) => !reached.has(uri)),
    [],
  );
});

function templateOf(uri: string): string | undefined {
  const found = route(uri);
  return found?.kind === "resource" ? found.resource.uri : undefined;
}

test("a body that is wrong does not pass", async () => {
  const system = await createKnown().get("/redfish/v1/Systems/1");
  assert.deepEqual(schemaErrors(system), []);
  assert.notDeepEqual(schemaErrors({ ...system, PowerState: "Sleeping" }), []);
  assert.notDeepEqual(schemaErrors({ ...system, Colour: "red" }), []);
  assert.notDeepEqual(schemaErrors({ ...system, Status: { State: "Odd" } }), []);
});
