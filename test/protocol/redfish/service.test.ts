/** The protocol of DSP0266, as clients and validators look at it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { textOf } from "../../../src/protocol/redfish/json.js";
import { createTestRedfish, messageNames, nobody, type Reply } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";
const reset = `${system}/Actions/ComputerSystem.Reset`;

test("root, versions, service document and metadata need no login; nothing else is to be had without", async () => {
  const { send } = createTestRedfish();
  for (const uri of ["/redfish", "/redfish/v1", "/redfish/v1/", "/redfish/v1/odata", "/redfish/v1/$metadata"]) {
    assert.equal((await send("GET", uri, undefined, nobody)).status, 200, uri);
  }
  for (const uri of [system, "/redfish/v1/Systems", "/redfish/v1/SessionService", "/redfish/v1/Nothing"]) {
    const reply = await send("GET", uri, undefined, nobody);
    assert.equal(reply.status, 401, uri);
    assert.equal(reply.headers["WWW-Authenticate"], 'Basic realm="Redfish"');
  }
  assert.equal((await send("GET", "/elsewhere", undefined, nobody)).status, 404);
});

test("the metadata names each type once, with the CSDL file of its major version", async () => {
  const { body, headers } = await createTestRedfish().service.handle({
    ...{ method: "GET", path: "/redfish/v1/$metadata", query: "", headers: {}, remote: "192.0.2.9" },
  });
  assert.equal(headers["Content-Type"], "application/xml; charset=utf-8");
  const text = typeof body === "string" ? body : "";
  assert.match(text, /<edmx:Reference Uri="http:\/\/redfish.dmtf.org\/schemas\/v1\/ComputerSystem_v1.xml">/);
  assert.match(text, /<edmx:Include Namespace="ComputerSystem.v1_27_0"\/>/);
  assert.match(text, /<EntityContainer Name="Service" Extends="ServiceRoot.v1_20_0.ServiceContainer"\/>/);
  const uris = [...text.matchAll(/Uri="([^"]*)"/g)].map(([, uri]) => uri);
  assert.equal(new Set(uris).size, uris.length);
});

test("an error has the body of DSP0266, whose message is that of its first entry", async () => {
  const { status, body } = await createTestRedfish().send("GET", "/redfish/v1/Systems/2");
  assert.equal(status, 404);
  assert.deepEqual(body, {
    error: {
      code: "Base.1.22.ResourceMissingAtURI",
      message: "The resource at the URI '/redfish/v1/Systems/2' was not found.",
      "@Message.ExtendedInfo": [
        {
          "@odata.type": "#Message.v1_3_0.Message",
          MessageId: "Base.1.22.ResourceMissingAtURI",
          Message: "The resource at the URI '/redfish/v1/Systems/2' was not found.",
          MessageArgs: ["/redfish/v1/Systems/2"],
          MessageSeverity: "Critical",
          Resolution: "Place a valid resource at the URI or correct the URI and resubmit the request.",
        },
      ],
    },
  });
});

const refused: readonly (readonly [
  string,
  Parameters<ReturnType<typeof createTestRedfish>["send"]>,
  number,
  string,
])[] = [
  ["a method that it does not have", ["PUT", system, {}], 405, "OperationNotAllowed"],
  ["broken JSON", ["PATCH", system, "{"], 400, "MalformedJSON"],
  ["an array", ["PATCH", system, "[]"], 400, "UnrecognizedRequestBody"],
  ["JSON that is nested too deeply", ["PATCH", system, `${"[".repeat(40)}${"]".repeat(40)}`], 400, "MalformedJSON"],
  ["a body that is too large", ["PATCH", system, { AssetTag: "x".repeat(70_000) }], 413, "PayloadTooLarge"],
  ["another media type", ["PATCH", system, "a=b", { "content-type": "text/plain" }], 415, "HeaderInvalid"],
  ["another version of OData", ["GET", system, undefined, { "odata-version": "4.1" }], 412, "HeaderInvalid"],
  ["a client that takes no JSON", ["GET", system, undefined, { accept: "text/html" }], 406, "HeaderInvalid"],
  ["an unknown query option", ["GET", `${system}?$flavour=mild`], 501, "QueryNotSupportedOnResource"],
  ["a filter", ["GET", "/redfish/v1/Systems?$filter=Id eq '1'"], 501, "QueryNotSupportedOnResource"],
  ["$top of no collection", ["GET", `${system}?$top=1`], 400, "QueryNotSupportedOnResource"],
  ["$top that is not a number", ["GET", "/redfish/v1/Systems?$top=one"], 400, "QueryParameterValueTypeError"],
  ["a strange $expand", ["GET", "/redfish/v1?$expand=all"], 400, "QueryParameterValueFormatError"],
  ["too many levels", ["GET", "/redfish/v1?$expand=.($levels=9)"], 400, "QueryParameterOutOfRange"],
  ["only with a value", ["GET", "/redfish/v1/Systems?only=1"], 400, "QueryParameterValueFormatError"],
  ["only and $top", ["GET", "/redfish/v1/Systems?only&$top=1"], 400, "QueryCombinationInvalid"],
  ["an unknown property", ["PATCH", system, { Colour: "red" }], 400, "PropertyUnknown"],
  ["a read-only property", ["PATCH", system, { UUID: "x" }], 400, "PropertyNotWritable"],
  ["a value of another type", ["PATCH", system, { AssetTag: 5 }], 400, "PropertyValueTypeError"],
  ["only annotations", ["PATCH", system, { "@odata.id": system }], 400, "NoOperation"],
  ["nothing", ["PATCH", system, {}], 400, "NoOperation"],
  [
    "a value that is not in the list",
    ["PATCH", system, { Boot: { BootSourceOverrideTarget: "Tape" } }],
    400,
    "PropertyValueNotInList",
  ],
  ["an object that is none", ["PATCH", system, { Boot: "Pxe" }], 400, "PropertyValueTypeError"],
  ["an ETag from before", ["PATCH", system, { AssetTag: "a" }, { "if-match": '"old"' }], 412, "PreconditionFailed"],
  ["an action without its parameter", ["POST", reset, {}], 400, "ActionParameterMissing"],
  ["an unknown parameter", ["POST", reset, { ResetType: "On", Delay: 5 }], 400, "ActionParameterUnknown"],
  ["a reset type that is none", ["POST", reset, { ResetType: "Suspend" }], 400, "ActionParameterValueNotInList"],
  ["a parameter of another type", ["POST", reset, { ResetType: 1 }], 400, "ActionParameterValueTypeError"],
  ["an unknown action", ["POST", `${system}/Actions/ComputerSystem.Explode`, {}], 404, "ResourceMissingAtURI"],
  ["an inherited name as an action", ["POST", `${system}/Actions/constructor`, {}], 404, "ResourceMissingAtURI"],
];

for (const [title, request, status, name] of refused) {
  test(`${title} is answered with ${status} ${name}, and changes nothing`, async () => {
    const { send, machine } = createTestRedfish();
    const reply = await send(...request);
    assert.deepEqual([reply.status, messageNames(reply)[0]], [status, name]);
    assert.deepEqual(
      machine.operations.filter((operation) => operation !== "bootOverride"),
      [],
    );
  });
}

test("GET and HEAD tell the methods, the schema, an ETag that is in the body too, and the OData version", async () => {
  const { send } = createTestRedfish();
  for (const method of ["GET", "HEAD"]) {
    const { headers, body } = await send(method, system);
    assert.deepEqual(headers, {
      "OData-Version": "4.0",
      "Cache-Control": "no-cache",
      "Content-Type": "application/json; charset=utf-8",
      Allow: "GET, HEAD, PATCH",
      Link: "<http://redfish.dmtf.org/schemas/v1/ComputerSystem.v1_27_0.json>; rel=describedby",
      ETag: textOf(body["@odata.etag"]),
      "Content-Length": headers["Content-Length"],
    });
    assert.match(headers["ETag"], /^"[\w-]+"$/);
  }
});

test("the ETag stays while nothing changes but the time, and changes with what is written", async () => {
  const redfish = createTestRedfish();
  const etagOf = async (uri: string): Promise<unknown> => (await redfish.get(uri))["@odata.etag"];
  const manager = await etagOf("/redfish/v1/Managers/1");
  const before = await etagOf(system);
  redfish.pass(5_000);
  assert.equal(await etagOf("/redfish/v1/Managers/1"), manager);
  assert.equal(await etagOf(system), before);
  const { headers, body } = await redfish.send("PATCH", system, { AssetTag: "rack 7" });
  assert.notEqual(headers["ETag"], before);
  assert.equal(headers["ETag"], await etagOf(system));
  assert.equal(body["AssetTag"], "rack 7");
});

test("If-Match takes the tag as it is, weak, unquoted or in a list; actions do not look at it", async () => {
  const { send, get, machine } = createTestRedfish();
  for (const spell of [
    (tag: string) => tag,
    (tag: string) => `W/${tag}`,
    (tag: string) => tag.replaceAll('"', ""),
    (tag: string) => `"a", ${tag}`,
    () => "*",
  ]) {
    const etag = textOf((await get(system))["@odata.etag"]);
    assert.equal((await send("PATCH", system, { AssetTag: "a" }, { "if-match": spell(etag) })).status, 200);
  }
  assert.equal((await send("POST", reset, { ResetType: "On" }, { "if-match": '"old"' })).status, 204);
  assert.equal(machine.state, "poweredOn");
});

test("If-None-Match with the tag there is gets 304 without a body", async () => {
  const { send } = createTestRedfish();
  const { headers } = await send("GET", system);
  const reply = await send("GET", system, undefined, { "if-none-match": headers["ETag"] ?? "" });
  assert.deepEqual([reply.status, reply.body], [304, {}]);
});

test("a PATCH of several properties, one unknown, does the rest and says so", async () => {
  const { send } = createTestRedfish();
  const reply = await send("PATCH", system, { AssetTag: "rack 7", Colour: "red" });
  assert.deepEqual([reply.status, reply.body["AssetTag"], messageNames(reply)], [200, "rack 7", ["PropertyUnknown"]]);
  const both = await send("PATCH", system, { AssetTag: "rack 8", PowerRestorePolicy: "Never" });
  assert.deepEqual([both.status, messageNames(both)], [400, ["PropertyValueNotInList"]]);
  assert.equal((await send("GET", system)).body["AssetTag"], "rack 7", "nothing is done when a value cannot be");
});

test("a slash at the end, and Members behind a collection, mean the same", async () => {
  const { send } = createTestRedfish();
  assert.deepEqual((await send("GET", `${system}/`)).body, (await send("GET", system)).body);
  const login = { UserName: "admin", Password: "password" };
  assert.equal((await send("POST", "/redfish/v1/SessionService/Sessions/Members", login)).status, 201);
});

test("$select keeps what is asked for, also within objects and members", async () => {
  const { get } = createTestRedfish();
  const body = await get(`${system}?$select=PowerState,Boot/BootSourceOverrideTarget,Nothing`);
  assert.deepEqual(Object.keys(body), ["@odata.type", "@odata.id", "PowerState", "Boot", "@odata.etag"]);
  assert.deepEqual(body["Boot"], { BootSourceOverrideTarget: "None" });
});

test("$expand puts resources in the place of links: below, linked, or both, as many levels as asked for", async () => {
  const { get } = createTestRedfish();
  const below = await get("/redfish/v1/Systems?$expand=.($levels=1)");
  const [member] = below["Members"] as { PowerState: string; Links: { Chassis: object[] } }[];
  assert.equal(member?.PowerState, "Off");
  assert.deepEqual(member.Links.Chassis, [{ "@odata.id": "/redfish/v1/Chassis/1" }]);
  const linked = await get(`${system}?$expand=~`);
  assert.deepEqual(linked["LogServices"], { "@odata.id": `${system}/LogServices` });
  assert.equal((linked["Links"] as { Chassis: { ChassisType: string }[] }).Chassis[0]?.ChassisType, "RackMount");
  const all = await get("/redfish/v1?$expand=*($levels=3)");
  assert.equal((all["Systems"] as { Members: { PowerState: string }[] }).Members[0]?.PowerState, "Off");
});

test("$top and $skip give a page of a collection, and only its only member", async () => {
  const { get } = createTestRedfish();
  const ids = async (query: string): Promise<[string[], unknown]> => {
    const body = await get(`/redfish/v1/AccountService/Roles${query}`);
    const members = body["Members"] as { "@odata.id": string }[];
    return [members.map((role) => role["@odata.id"].replace(/.*\//, "")), body["Members@odata.count"]];
  };
  assert.deepEqual(await ids("?$skip=1&$top=1"), [["Operator"], 3]);
  assert.deepEqual(await ids("?$skip=7"), [[], 3]);
  assert.deepEqual(await ids("?only"), [["Administrator", "Operator", "ReadOnly"], 3]);
  assert.equal((await get("/redfish/v1/Systems?only"))["@odata.id"], system);
});

test("an unexpected error is 500 without its text for the client, and is logged", async () => {
  const redfish = createTestRedfish();
  redfish.machine.powerState = () => {
    throw new TypeError("secret of the house");
  };
  const reply = await redfish.send("GET", system);
  assert.deepEqual([reply.status, messageNames(reply)], [500, ["InternalError"]]);
  assert.ok(!JSON.stringify(reply).includes("secret"));
  assert.ok(redfish.log.some(({ level, fields }) => level === "error" && JSON.stringify(fields).includes("secret")));
});

test("another front end may say who asks", async () => {
  const { service } = createTestRedfish();
  const request = { method: "PATCH", path: system, query: "", headers: {}, remote: "192.0.2.9" };
  const body = '{"AssetTag":"a"}';
  const as = async (role: "ReadOnly" | "Operator"): Promise<Reply["status"]> =>
    (await service.handle({ ...request, body }, { principal: { userId: 0, userName: "fleet", role } })).status;
  assert.equal(await as("ReadOnly"), 403);
  assert.equal(await as("Operator"), 200);
});

test("what is seen of requests has users and changes, but no password or token", async () => {
  const redfish = createTestRedfish();
  await redfish.send("POST", reset, { ResetType: "On" });
  await redfish.send("GET", "/redfish/v1/Nothing");
  await redfish.send("PATCH", "/redfish/v1/AccountService/Accounts/2", { Password: "hunter2hunter2", Enabled: true });
  const [power, missing, account] = redfish.seen;
  assert.deepEqual(power, {
    method: "POST",
    resource: "/redfish/v1/Systems/{systemId}/Actions/ComputerSystem.Reset",
    status: 204,
    ms: 0,
    source: "192.0.2.9",
    user: "admin",
    change: "ComputerSystem.Reset ResetType=On",
    reason: undefined,
  });
  assert.equal(account?.change, "ManagerAccount Password, Enabled=true");
  assert.equal(missing?.reason, "The resource at the URI '/redfish/v1/Nothing' was not found.");
  assert.ok(!JSON.stringify([redfish.seen, redfish.log]).includes("hunter2"));
});
