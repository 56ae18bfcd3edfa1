import assert from "node:assert/strict";
import { test } from "node:test";

import { configWarnings, hasDefaultAccount } from "../../../src/process/supervisor/securityWarnings.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { toStoredBmc } from "../../../src/settings/store/storedBmc.js";

const config = loadConfig({}, "/nonexistent");

test("the defaults give no warning", () => {
  assert.deepEqual(configWarnings(config), []);
});

test("what opens doors gives a warning each", () => {
  const ipmi = { ...config.ipmi, cipherSuites: [0, 2, 3, 17], ipmi15Auth: ["none", "password"] as const };
  const warnings = configWarnings({ ...config, ipmi, serverAuth: "none" });
  assert.deepEqual(
    warnings.map((line) => /suite 0|0, 2$|= none allows logins|clear text|every user/.exec(line)?.[0]),
    ["suite 0", "0, 2", "= none allows logins", "clear text", "every user"],
  );
});

for (const [address, password, expected] of [
  ["::", "password", true],
  ["192.0.2.1", "password", true],
  ["127.0.0.1", "password", false],
  ["::1", "password", false],
  ["::", "another", false],
] as const) {
  test(`admin with ${password} on ${address} is ${expected ? "" : "not "}worth a warning`, () => {
    const values = new Map(Object.entries({ username: "admin", password, port: "1", address }));
    assert.equal(hasDefaultAccount(toStoredBmc("vm1", values)), expected);
  });
}
