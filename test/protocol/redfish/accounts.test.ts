/** Sessions and accounts: who gets in, until when, and that IPMI's users are the same. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { openConsole } from "../../support/administrator.js";
import { logIn } from "../../support/testBmc.js";
import {
  basic,
  createTestRedfish,
  messageNames,
  nobody,
  type Reply,
  type TestRedfish,
} from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";
const sessionsUri = "/redfish/v1/SessionService/Sessions";
const accountsUri = "/redfish/v1/AccountService/Accounts";

interface Client {
  readonly uri: string;
  readonly token: Record<string, string>;
}

async function open(redfish: TestRedfish, name = "admin", password = "password"): Promise<Client> {
  const { status, headers } = await redfish.send("POST", sessionsUri, { UserName: name, Password: password }, nobody);
  assert.equal(status, 201);
  return { uri: headers["Location"] ?? "", token: { "x-auth-token": headers["X-Auth-Token"] ?? "" } };
}

async function statusOf(redfish: TestRedfish, headers: Record<string, string>): Promise<number> {
  return (await redfish.send("GET", system, undefined, headers)).status;
}

function addAccount(redfish: TestRedfish, name: string, role: string, password = "secret"): Promise<Reply> {
  return redfish.send("POST", accountsUri, { UserName: name, Password: password, RoleId: role });
}

test("a session is opened without login, works by its token, and ends when it is deleted", async () => {
  const redfish = createTestRedfish();
  const { uri, token } = await open(redfish);
  assert.match(token["x-auth-token"] ?? "", /^[0-9a-f]{40}$/);
  const { body } = await redfish.send("GET", uri, undefined, token);
  assert.deepEqual(
    [body["UserName"], body["Password"], body["Roles"], body["ClientOriginIPAddress"]],
    ["admin", null, ["Administrator"], "192.0.2.9"],
  );
  assert.equal((await redfish.send("DELETE", uri, undefined, token)).status, 204);
  assert.equal(await statusOf(redfish, token), 401);
});

test("whatever is wrong with a login, the answer is the same 401", async () => {
  const redfish = createTestRedfish();
  await addAccount(redfish, "off", "Operator");
  await redfish.send("PATCH", `${accountsUri}/3`, { Enabled: false });
  const wrong = [
    basic("admin", "wrong"),
    basic("unknown", "password"),
    basic("off", "secret"),
    basic("", ""),
    { authorization: "Basic !!!" },
    { authorization: "Basic bm9jb2xvbg==" },
    { authorization: "Bearer abc" },
    { "x-auth-token": "0".repeat(40) },
    { "x-auth-token": "" },
  ];
  const answers = await Promise.all(wrong.map((headers) => redfish.send("GET", system, undefined, headers)));
  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.deepEqual(answer, answers[0]);
  }
  const login = await redfish.send("POST", sessionsUri, { UserName: "admin", Password: "wrong" }, nobody);
  assert.deepEqual(login.body, answers[0]?.body);
});

test("a token goes before Basic authentication, and an expired one does not keep from logging in again", async () => {
  const redfish = createTestRedfish();
  const expired = { "x-auth-token": "f".repeat(40), ...basic() };
  assert.equal(await statusOf(redfish, expired), 401);
  const login = { UserName: "admin", Password: "password" };
  assert.equal((await redfish.send("POST", sessionsUri, login, expired)).status, 201);
  assert.equal((await redfish.send("GET", "/redfish/v1/", undefined, expired)).status, 200);
});

test("a session ends after the time-out without a request; one that is used goes on", async () => {
  const redfish = createTestRedfish();
  const service = "/redfish/v1/SessionService";
  assert.equal((await redfish.send("PATCH", service, { SessionTimeout: 60 })).body["SessionTimeout"], 60);
  for (const seconds of [29, 86_401, 1.5]) {
    assert.equal((await redfish.send("PATCH", service, { SessionTimeout: seconds })).status, 400);
  }
  const { token } = await open(redfish);
  for (let used = 0; used < 3; used++) {
    redfish.pass(59_000);
    assert.equal(await statusOf(redfish, token), 200);
  }
  redfish.pass(60_000);
  assert.equal(await statusOf(redfish, token), 401);
});

test("of 64 sessions the longest idle one is replaced", async () => {
  const redfish = createTestRedfish();
  const clients: Client[] = [];
  for (let count = 0; count < 64; count++) {
    redfish.pass(10);
    clients.push(await open(redfish));
  }
  redfish.pass(10);
  assert.equal(await statusOf(redfish, clients[0]?.token ?? {}), 200);
  const last = await open(redfish);
  const statuses = await Promise.all(
    [clients[0], clients[1], last].map((client) => statusOf(redfish, client?.token ?? {})),
  );
  assert.deepEqual(statuses, [200, 401, 200]);
});

const endings: readonly (readonly [string, (redfish: TestRedfish) => Promise<unknown>])[] = [
  ["its account is deleted", ({ send }) => send("DELETE", `${accountsUri}/3`)],
  ["its password is changed", ({ send }) => send("PATCH", `${accountsUri}/3`, { Password: "other" })],
  ["its role is changed", ({ send }) => send("PATCH", `${accountsUri}/3`, { RoleId: "ReadOnly" })],
  ["its account is disabled", ({ send }) => send("PATCH", `${accountsUri}/3`, { Enabled: false })],
  ["its account is renamed", ({ send }) => send("PATCH", `${accountsUri}/3`, { UserName: "mallory" })],
  ["the BMC is reset", ({ send }) => send("POST", "/redfish/v1/Managers/1/Actions/Manager.Reset", {})],
  [
    "IPMI changes the password",
    async (redfish) => {
      const { code } = await openConsole(redfish);
      assert.equal(await code(0x06, 0x47, [3, 2, ...Buffer.concat([Buffer.from("other")], 16)]), 0);
    },
  ],
];

for (const [what, end] of endings) {
  test(`a session ends when ${what}`, async () => {
    const redfish = createTestRedfish();
    await addAccount(redfish, "eve", "Operator");
    const { token } = await open(redfish, "eve", "secret");
    assert.equal(await statusOf(redfish, token), 200);
    await end(redfish);
    assert.equal(await statusOf(redfish, token), 401);
  });
}

test("who changes the own password goes on in the session that did, and in no other", async () => {
  const redfish = createTestRedfish();
  await addAccount(redfish, "eve", "ReadOnly");
  const [own, other] = [await open(redfish, "eve", "secret"), await open(redfish, "eve", "secret")];
  const { status } = await redfish.send("PATCH", `${accountsUri}/3`, { Password: "other" }, own.token);
  assert.equal(status, 200);
  assert.equal(await statusOf(redfish, own.token), 200);
  assert.equal(await statusOf(redfish, other.token), 401);
});

test("wrong passwords lock an account over both protocols, and only those of existing accounts count", async () => {
  const policy = { threshold: 3, countResetSeconds: 0, lockoutSeconds: 60 };
  const redfish = createTestRedfish({ badPasswordPolicy: policy });
  await statusOf(redfish, basic("admin", "wrong"));
  await redfish.send("POST", sessionsUri, { UserName: "admin", Password: "wrong" }, nobody);
  assert.equal(await statusOf(redfish, basic()), 200, "a good password forgives");
  for (let count = 0; count < 3; count++) {
    await statusOf(redfish, basic("admin", "wrong"));
  }
  assert.equal(await statusOf(redfish, basic()), 401);
  assert.throws(() => logIn(redfish), /RAKP 2 status/);
  redfish.pass(60_000);
  assert.equal(await statusOf(redfish, basic()), 200);
});

test("an account that is locked gets that as its answer, and is unlocked by who may change it", async () => {
  const policy = { threshold: 1, countResetSeconds: 0, lockoutSeconds: 0 };
  const redfish = createTestRedfish({ badPasswordPolicy: policy });
  await addAccount(redfish, "eve", "Operator");
  await statusOf(redfish, basic("eve", "wrong"));
  assert.equal((await redfish.get(`${accountsUri}/3`))["Locked"], true);
  assert.equal((await redfish.send("PATCH", `${accountsUri}/3`, { Locked: true })).status, 400);
  assert.equal((await redfish.send("PATCH", `${accountsUri}/3`, { Locked: false })).body["Locked"], false);
  assert.equal(await statusOf(redfish, basic("eve", "secret")), 200);
});

test("accounts are IPMI's user slots: what one protocol adds, the other knows", async () => {
  const redfish = createTestRedfish();
  const created = await addAccount(redfish, "eve", "Operator");
  assert.deepEqual([created.status, created.headers["Location"]], [201, `${accountsUri}/3`]);
  assert.deepEqual([created.body["UserName"], created.body["Password"]], ["eve", null]);
  logIn(redfish, { name: "eve", password: "secret", role: 0x13 });
  const { code } = await openConsole(redfish);
  await code(0x06, 0x45, [4, ...Buffer.concat([Buffer.from("bob")], 16)]);
  await code(0x06, 0x43, [0x91, 4, 2]);
  const bob = await redfish.get(`${accountsUri}/4`);
  assert.deepEqual([bob["UserName"], bob["RoleId"], bob["Enabled"]], ["bob", "ReadOnly", false]);
});

test("names and passwords are as long as IPMI can hold them, names are taken once, and there are 15 accounts", async () => {
  const redfish = createTestRedfish({ ipmi15Auth: [] });
  const names = async (name: string, password: string): Promise<unknown> =>
    messageNames(await addAccount(redfish, name, "Operator", password))[0];
  assert.equal(await names("x".repeat(17), "secret"), "PropertyValueFormatError");
  assert.equal(await names("eve", "x".repeat(21)), "PropertyValueFormatError");
  assert.equal(await names("", "secret"), "PropertyValueFormatError");
  assert.equal(await names("a\u0000b", "secret"), "PropertyValueFormatError");
  assert.equal(await names("admin", "secret"), "ResourceAlreadyExists");
  assert.equal(await names("x".repeat(16), "y".repeat(20)), undefined);
  for (let count = 0; count < 13; count++) {
    assert.equal(await names(`user${count}`, "secret"), undefined);
  }
  assert.equal(await names("one too many", "secret"), "CreateLimitReachedForResource");
});

test("with IPMI 1.5 passwords have 16 bytes at most, and the service says so", async () => {
  const redfish = createTestRedfish({ ipmi15Auth: ["md5"] });
  assert.equal((await redfish.get("/redfish/v1/AccountService"))["MaxPasswordLength"], 16);
  const reply = await addAccount(redfish, "eve", "Operator", "x".repeat(17));
  assert.deepEqual(messageNames(reply), ["PropertyValueFormatError"]);
  assert.ok(!JSON.stringify(reply.body).includes("xxxx"), "a password is never returned");
});

test("the last administrator stays", async () => {
  const redfish = createTestRedfish();
  for (const [method, body] of [
    ["DELETE", undefined],
    ["PATCH", { RoleId: "Operator" }],
    ["PATCH", { Enabled: false }],
  ] as const) {
    const reply = await redfish.send(method, `${accountsUri}/2`, body);
    assert.deepEqual([reply.status, messageNames(reply)], [409, ["ResourceInUse"]]);
  }
  assert.equal(await statusOf(redfish, basic()), 200);
});

const rights: readonly (readonly [string, string, unknown, Readonly<Record<string, number>>])[] = [
  ["GET", system, undefined, { Administrator: 200, Operator: 200, ReadOnly: 200 }],
  ["PATCH", system, { AssetTag: "a" }, { Administrator: 200, Operator: 200, ReadOnly: 403 }],
  [
    "POST",
    `${system}/Actions/ComputerSystem.Reset`,
    { ResetType: "On" },
    { Administrator: 204, Operator: 204, ReadOnly: 403 },
  ],
  [
    "POST",
    `${system}/LogServices/SEL/Actions/LogService.ClearLog`,
    {},
    { Administrator: 204, Operator: 204, ReadOnly: 403 },
  ],
  [
    "PATCH",
    "/redfish/v1/Managers/1",
    { DateTime: "2026-01-02T03:04:05Z" },
    { Administrator: 200, Operator: 403, ReadOnly: 403 },
  ],
  ["PATCH", "/redfish/v1/SessionService", { SessionTimeout: 60 }, { Administrator: 200, Operator: 403, ReadOnly: 403 }],
  ["GET", `${accountsUri}/2`, undefined, { Administrator: 200, Operator: 403, ReadOnly: 403 }],
  ["GET", `${accountsUri}/3`, undefined, { Administrator: 200, Operator: 200, ReadOnly: 200 }],
  ["PATCH", `${accountsUri}/3`, { RoleId: "Administrator" }, { Administrator: 200, Operator: 403, ReadOnly: 403 }],
  ["PATCH", `${accountsUri}/3`, { Password: "new" }, { Administrator: 200, Operator: 200, ReadOnly: 200 }],
  [
    "POST",
    accountsUri,
    { UserName: "x", Password: "y", RoleId: "ReadOnly" },
    { Administrator: 201, Operator: 403, ReadOnly: 403 },
  ],
];

for (const [method, uri, body, expected] of rights) {
  for (const [role, status] of Object.entries(expected)) {
    test(`${method} ${uri} by ${role} is ${status}`, async () => {
      const redfish = createTestRedfish();
      await addAccount(redfish, "eve", role);
      const reply = await redfish.send(method, uri, body, basic("eve", "secret"));
      assert.equal(reply.status, status);
      assert.deepEqual(messageNames(reply), status === 403 ? ["InsufficientPrivilege"] : []);
    });
  }
}

test("who may not read an account sees it as a link when it expands the collection", async () => {
  const redfish = createTestRedfish();
  await addAccount(redfish, "eve", "Operator");
  const { body } = await redfish.send("GET", `${accountsUri}?$expand=.`, undefined, basic("eve", "secret"));
  const [admin, own] = body["Members"] as JsonObject[];
  assert.deepEqual(admin, { "@odata.id": `${accountsUri}/2` });
  assert.equal(textOf(own?.["UserName"]), "eve");
});

test("sessions of others can be seen and ended by administrators only", async () => {
  const redfish = createTestRedfish();
  await addAccount(redfish, "eve", "Operator");
  const [admin, eve] = [await open(redfish), await open(redfish, "eve", "secret")];
  assert.equal((await redfish.send("DELETE", admin.uri, undefined, eve.token)).status, 403);
  assert.equal((await redfish.send("GET", admin.uri, undefined, eve.token)).status, 403);
  assert.equal((await redfish.send("DELETE", eve.uri, undefined, admin.token)).status, 204);
});
