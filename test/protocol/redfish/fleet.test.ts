/** One Redfish service for all BMCs: URIs, logins, what each account sees, events. */
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { placeOf, toFleetUris, uriOf } from "../../../src/protocol/redfish/fleet/uris.js";
import { isJsonArray, isJsonObject, type Json, type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { schemaErrors } from "../../support/redfishSchemas.js";
import { account } from "../../support/testBmc.js";
import { createTestFleet, summaryOf, type TestFleet } from "../../support/testFleet.js";
import type { Reply } from "../../support/testRedfish.js";

async function token(fleet: TestFleet, userName = "root", password = "fleet-password"): Promise<string> {
  const { status, headers } = await fleet.logIn(userName, password);
  assert.equal(status, 201);
  return headers["X-Auth-Token"] ?? "";
}

function members({ body }: Reply): string[] {
  return (body["Members"] as JsonObject[]).map((member) => textOf(member["@odata.id"]));
}

const strange = "web 01/ä";

test("a System of the fleet is the BMC's own, with the BMC's name in each URI", async () => {
  const fleet = createTestFleet(["db", strange]);
  const root = await token(fleet);
  const systems = await fleet.send("GET", "/redfish/v1/Systems", root);
  assert.deepEqual(members(systems), ["/redfish/v1/Systems/db", `/redfish/v1/Systems/${encodeURIComponent(strange)}`]);
  const { status, body } = await fleet.send("GET", uriOf("Systems", strange), root);
  assert.equal(status, 200);
  assert.equal(body["@odata.id"], uriOf("Systems", strange));
  assert.equal(body["Id"], strange);
  assert.deepEqual(body["Links"], {
    Chassis: [{ "@odata.id": uriOf("Chassis", strange) }],
    ManagedBy: [{ "@odata.id": uriOf("Managers", strange) }],
  });
  assert.deepEqual(schemaErrors(body), []);
});

test("every link of the fleet leads to a resource that agrees with its schema", async () => {
  const fleet = createTestFleet(["db", strange]);
  const root = await token(fleet);
  const seen = new Set<string>();
  const waiting = ["/redfish/v1/"];
  for (let uri = waiting.pop(); uri !== undefined; uri = waiting.pop()) {
    if (!seen.has(uri)) {
      seen.add(uri);
      const { status, body } = await fleet.send("GET", uri, root);
      assert.equal(status, 200, `${uri}: ${JSON.stringify(body)}`);
      if (!textOf(body["@odata.type"]).includes("VbmcBmc")) {
        assert.deepEqual(schemaErrors(body), [], uri);
      }
      assert.ok(!/\/(Systems|Chassis|Managers)\/1["/]/.test(JSON.stringify(body)), `${uri} shows a URI of a BMC's own`);
      waiting.push(...linksOf(body));
    }
  }
  assert.ok(seen.has(`${uriOf("Managers", "db")}/RemoteAccountService/Accounts/2`));
  assert.ok(seen.size > 80, `${seen.size}`);
});

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

test("an action reaches the VM of its BMC and no other", async () => {
  const fleet = createTestFleet(["db", "web"]);
  const root = await token(fleet);
  const reset = `${uriOf("Systems", "web")}/Actions/ComputerSystem.Reset`;
  assert.equal((await fleet.send("POST", reset, root, { ResetType: "On" })).status, 204);
  assert.deepEqual(fleet.bmcs.get("web")?.machine.operations, ["on"]);
  assert.deepEqual(fleet.bmcs.get("db")?.machine.operations, []);
});

test("an error names the resource by the fleet's URI", async () => {
  const fleet = createTestFleet(["db"]);
  const root = await token(fleet);
  const { status, body } = await fleet.send("GET", `${uriOf("Systems", "db")}/Nothing`, root);
  assert.equal(status, 404);
  assert.match(JSON.stringify(body), /\/redfish\/v1\/Systems\/db\/Nothing/);
});

test("$expand reads the Systems of all BMCs in one request", async () => {
  const fleet = createTestFleet(["db", "web"]);
  const { body } = await fleet.send("GET", "/redfish/v1/Systems?$expand=.", await token(fleet));
  assert.deepEqual(
    (body["Members"] as JsonObject[]).map((system) => [system["Id"], system["SystemType"]]),
    [
      ["db", "Virtual"],
      ["web", "Virtual"],
    ],
  );
});

test("an account of a BMC sees this BMC only, and loses it when its password changes", async () => {
  const fleet = createTestFleet(["db", "web"]);
  await fleet.bmcs.get("db")?.bmc.users.change(2, { password: Buffer.from("other") });
  const user = await token(fleet, account.name, account.password);
  assert.deepEqual(members(await fleet.send("GET", "/redfish/v1/Systems", user)), ["/redfish/v1/Systems/web"]);
  assert.equal((await fleet.send("GET", uriOf("Systems", "web"), user)).status, 200);
  for (const uri of [uriOf("Systems", "db"), `${uriOf("Managers", "db")}/RemoteAccountService`]) {
    assert.equal((await fleet.send("GET", uri, user)).status, 404);
  }
  await fleet.bmcs.get("web")?.bmc.users.change(2, { password: Buffer.from("changed") });
  assert.equal((await fleet.send("GET", uriOf("Systems", "web"), user)).status, 401);
});

test("a session sees a BMC from its start on, where the BMC has the account", async () => {
  const fleet = createTestFleet(["db", "web"]);
  const { users } = fleet.bmcs.get("db")!.bmc;
  await users.change(2, { password: Buffer.from("other") });
  const user = await token(fleet, account.name, account.password);
  await users.change(2, { password: Buffer.from(account.password) });
  fleet.service.changed("db", { ...summaryOf("db"), state: "starting" }, summaryOf("db"));
  await new Promise(setImmediate);
  assert.equal((await fleet.send("GET", uriOf("Systems", "db"), user)).status, 200);
  await users.change(2, { password: Buffer.from("other") });
  fleet.service.changed("db", { ...summaryOf("db"), state: "starting" }, summaryOf("db"));
  await new Promise(setImmediate);
  assert.equal((await fleet.send("GET", uriOf("Systems", "db"), user)).status, 404);
});

test("a session ends when its account of the fleet is changed or removed", async () => {
  const fleet = createTestFleet(["db"]);
  const root = await token(fleet);
  fleet.accounts.set("root", { password: "new-password", role: "Administrator" });
  assert.equal((await fleet.send("GET", "/redfish/v1/Systems", root)).status, 401);
});

test("a role of the fleet is the role at each BMC", async () => {
  const fleet = createTestFleet(["db"]);
  fleet.accounts.set("reader", { password: "p", role: "ReadOnly" });
  const reader = await token(fleet, "reader", "p");
  const reset = `${uriOf("Systems", "db")}/Actions/ComputerSystem.Reset`;
  assert.equal((await fleet.send("POST", reset, reader, { ResetType: "On" })).status, 403);
  assert.deepEqual(fleet.bmcs.get("db")?.machine.operations, []);
});

test("without login there is nothing but the root and the way to log in", async () => {
  const fleet = createTestFleet(["db"]);
  for (const uri of [
    "/redfish/v1/Systems",
    uriOf("Systems", "db"),
    "/redfish/v1/Oem/Vbmc/Bmcs",
    uriOf("Systems", "x"),
  ]) {
    assert.equal((await fleet.send("GET", uri, "")).status, 401, uri);
  }
  assert.equal((await fleet.send("GET", "/redfish/v1/", "")).status, 200);
  assert.equal((await fleet.logIn("root", "wrong")).status, 401);
});

test("after ten failed logins an address has to wait, and then logs in again", async () => {
  const fleet = createTestFleet(["db"]);
  for (let attempt = 0; attempt < 10; attempt++) {
    assert.equal((await fleet.logIn("root", "wrong")).status, 401);
  }
  assert.equal((await fleet.logIn("root", "fleet-password")).status, 503);
  fleet.bmcs.get("db")?.timers.pass(60_000);
  assert.equal((await fleet.logIn("root", "fleet-password")).status, 201);
});

test("an account of a BMC hears of its own BMC only", async () => {
  const fleet = createTestFleet(["db", "web"]);
  await fleet.bmcs.get("db")?.bmc.users.change(2, { password: Buffer.from("other") });
  const all = await fleet.listen(await token(fleet));
  const own = await fleet.listen(await token(fleet, account.name, account.password));
  for (const name of ["db", "web"]) {
    fleet.service.changed(name, { ...summaryOf(name), power: "Off" }, { ...summaryOf(name), power: "On" });
  }
  assert.deepEqual(all.map(messageId), [
    "ResourcePoweredOn",
    "ResourceChanged",
    "ResourcePoweredOn",
    "ResourceChanged",
  ]);
  assert.deepEqual(own.map(messageId), ["ResourcePoweredOn", "ResourceChanged"]);
  assert.ok(own.every((line) => line.includes("/web")));
});

function messageId(line: string): string {
  return /"MessageId":"ResourceEvent\.1\.4\.(\w+)"/.exec(line)?.[1] ?? "";
}

test("a stream ends with its session", async () => {
  const fleet = createTestFleet(["db"]);
  const root = await token(fleet);
  const lines = await fleet.listen(root);
  await fleet.send("DELETE", "/redfish/v1/SessionService/Sessions/1", root);
  fleet.service.changed("db", undefined, summaryOf("db"));
  assert.deepEqual(lines, ["ended"]);
});

test("any name goes into a URI and comes out of it again", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (name) => {
      fc.pre(!/[\ud800-\udfff]/u.test(name));
      assert.deepEqual(placeOf(`${uriOf("Systems", name)}/Bios`), { name, path: "/redfish/v1/Systems/1/Bios" });
      const task = toFleetUris("/redfish/v1/TaskService/TaskMonitors/17", name);
      assert.deepEqual(placeOf(task), { name, path: "/redfish/v1/TaskService/TaskMonitors/17" });
    }),
  );
});

test("no path at all makes the fleet throw", async () => {
  const fleet = createTestFleet(["db"]);
  const root = await token(fleet);
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40 }), async (rest) => {
      const { status } = await fleet.send("GET", `/redfish/v1/Systems/${rest}`, root);
      assert.ok([200, 400, 404, 501].includes(status), `${status}`);
    }),
  );
});
