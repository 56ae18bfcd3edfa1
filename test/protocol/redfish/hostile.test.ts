/** Whatever comes: the service never throws, and what it refuses it refuses as DSP0266 says. */
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { isEventStream } from "../../../src/protocol/redfish/exchange.js";
import { isJsonObject, type JsonObject } from "../../../src/protocol/redfish/json.js";
import { resources } from "../../../src/protocol/redfish/resources/index.js";
import { basic, createTestRedfish, jsonOf, type TestRedfish } from "../../support/testRedfish.js";

const runs = { numRuns: 400 };

const inherited = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then"];
const texts = [
  "",
  "\0",
  "\ud800",
  "é",
  "🖥".repeat(50),
  "x".repeat(5_000),
  "../..",
  "%2e%2e",
  "$metadata",
  "1e999",
  '"',
];
const hostileText = fc.oneof(fc.constantFrom(...inherited, ...texts), fc.string({ unit: "binary", maxLength: 40 }));
/** URIs as they are, with something strange in the place of a variable, or behind. */
const templates = [
  ...resources.map(({ uri }) => uri),
  "/redfish/v1/TaskService/TaskMonitors/{id}",
  "/redfish",
  "/",
  "",
];
const hostilePath = fc
  .tuple(fc.constantFrom(...templates), fc.oneof(fc.constant("1"), hostileText), fc.option(hostileText))
  .map(([template, id, tail]) => template.replaceAll(/\{\w+\}/g, () => id) + (tail === null ? "" : `/${tail}`));
const names = fc.oneof(
  fc.constantFrom("Boot", "AssetTag", "ResetType", "UserName", "Password", "RoleId", "SessionTimeout", "DateTime"),
  fc.constantFrom("BootSourceOverrideTarget", "BootSourceOverrideEnabled", "@odata.id", "Members", "Actions"),
  hostileText,
);
const hostileValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, 0, -1, 1.5, 1e308, 2 ** 53, "On", "Cd", "Once", "Administrator"),
    hostileText,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(names, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const bigNumbers = ["1e999", "-1e999", "9".repeat(400), '{"SessionTimeout":1e999}', '{"SessionTimeout":-0}'];
const hostileBody = fc.oneof(
  hostileValue.map((value) => JSON.stringify(value)),
  fc.dictionary(names, hostileValue, { maxKeys: 5 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(...bigNumbers, "{", "[", "[".repeat(5_000), `${'{"a":'.repeat(16)}1${"}".repeat(16)}`),
  fc.constantFrom(
    '{"__proto__":{"isAdmin":true}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"Boot":{"__proto__":null}}',
  ),
  hostileText,
);
const headerNames = ["accept", "odata-version", "if-match", "if-none-match", "prefer", "content-type", "x-auth-token"];
const headers = fc.dictionary(fc.constantFrom(...headerNames, "authorization", ...inherited), hostileText, {
  maxKeys: 4,
  noNullPrototype: true,
});
const queryNames = ["$expand", "$select", "$top", "$skip", "only", "$filter", "excerpt"];
const hostileQuery = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "$expand=*($levels=3)",
    "$expand=.",
    "$select=__proto__/x,Boot",
    "only",
    "$top=1&$skip=1",
    "%",
    "%zz",
  ),
  fc.tuple(fc.constantFrom(...queryNames, ...inherited), hostileText).map(([name, value]) => `${name}=${value}`),
);
const methods = fc.constantFrom("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "BREW", "");

/** An error body as DSP0266 wants it, with a message of our table. */
function assertError(body: JsonObject): void {
  const { error } = body;
  assert.ok(isJsonObject(error), JSON.stringify(body).slice(0, 200));
  assert.match(JSON.stringify(error["code"]), /^"Base\.1\.22\.\w+"$/);
  const info = error["@Message.ExtendedInfo"] as JsonObject[];
  assert.ok(info.length > 0);
  assert.equal(error["message"], info[0]?.["Message"]);
  for (const { MessageId, Message, MessageArgs, MessageSeverity, Resolution } of info) {
    assert.match(JSON.stringify(MessageId), /^"Base\.1\.22\.\w+"$/);
    assert.ok([Message, MessageSeverity, Resolution].every((text) => typeof text === "string"));
    assert.ok((MessageArgs as unknown[]).every((argument) => typeof argument === "string"));
  }
}

async function assertHandled(
  { service }: TestRedfish,
  request: Omit<Parameters<TestRedfish["service"]["handle"]>[0], "remote">,
): Promise<number> {
  const response = await service.handle({ ...request, remote: "192.0.2.9" });
  const { status, headers: answered } = response;
  assert.ok(
    [200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 501].includes(status),
    String(status),
  );
  assert.ok(
    Object.values(answered).every((value) => !/[\r\n]/.test(value)),
    "no header can be smuggled in",
  );
  assert.ok(!isEventStream(response.body));
  if (status >= 400) {
    assertError(jsonOf(response));
  }
  return status;
}

test("paths, methods, headers, queries and bodies of whatever kind are answered", async () => {
  const redfish = createTestRedfish();
  await fc.assert(
    fc.asyncProperty(
      methods,
      hostilePath,
      hostileQuery,
      headers,
      hostileBody,
      async (method, path, query, more, body) => {
        await assertHandled(redfish, {
          method,
          path,
          query,
          headers: { ...basic(), ...more },
          body,
        });
      },
    ),
    runs,
  );
});

test("bodies of whatever kind sent to what takes some are answered, and no prototype gets anything of them", async () => {
  const redfish = createTestRedfish();
  const targets = resources.flatMap(({ uri, writable, actions = {}, members }) => {
    const concrete = uri.replaceAll(/\{\w+\}/g, "1").replace("Accounts/1", "Accounts/2");
    return [
      ...(writable ? [["PATCH", concrete] as const] : []),
      ...(members?.create ? [["POST", concrete] as const] : []),
      ...Object.keys(actions).map((name) => ["POST", `${concrete}/Actions/${name}`] as const),
    ];
  });
  const principal = { userId: 2, userName: "admin", role: "Administrator" } as const;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), hostileBody, async ([method, path], body) => {
      const request = { method, path, query: "", headers: {}, body, remote: "192.0.2.9" };
      const response = await redfish.service.handle(request, { principal });
      if (response.status >= 400) {
        assertError(jsonOf(response));
      }
      assert.notEqual(response.status, 500);
    }),
    { numRuns: 1_500 },
  );
  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
});

test("without login nothing changes and nothing but the public is reported", async () => {
  const redfish = createTestRedfish();
  await fc.assert(
    fc.asyncProperty(methods, hostilePath, headers, hostileBody, async (method, path, more, body) => {
      const status = await assertHandled(redfish, { method, path, query: "", headers: more, body });
      const isPublic = /^\/redfish\/?(v1\/?(odata|\$metadata)?\/?)?$/.test(path);
      assert.ok(status >= 400 || (isPublic && status < 400), `${method} ${path}: ${status}`);
    }),
    runs,
  );
  assert.deepEqual(redfish.machine.operations, []);
});
