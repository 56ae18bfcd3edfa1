/** `vbmc account`: who may use the page and Redfish for all BMCs. */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { ask } from "../support/httpsClient.js";
import { patiently } from "../support/patience.js";
import { freeTcpPort } from "../support/ports.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

describe("accounts for all BMCs", () => {
  let bmcs: TwoBmcs;
  let port: number;
  let file: string;

  before(async () => {
    port = await freeTcpPort();
    bmcs = await startTwoBmcs({ configuration: `[web]\nlisten = ${port}\n` });
    file = path.join(bmcs.daemon.home, ".vbmc/accounts.json");
    await bmcs.daemon.logged("the page is served");
  });
  after(() => bmcs.close());

  const vbmc = (...args: string[]) => bmcs.daemon.vbmc("account", ...args);
  const passwordFile = (password: string): string => {
    const target = path.join(bmcs.home, password);
    writeFileSync(target, `${password}\n`);
    return target;
  };
  const statusOf = async (auth: string, uri = "/redfish/v1/Systems"): Promise<number> =>
    (await ask({ port, path: uri, auth })).status;

  test("an account is added with a password that only its hash shows, and logs in at once", async () => {
    const added = await vbmc("add", "ops", "--role", "Operator", "--password-file", passwordFile("correct horse"));
    assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(file, "utf8"), /correct horse/);
    assert.equal((await vbmc("list", "-f", "value")).stdout, "ops Operator\n");
    await patiently(
      (async () => {
        while ((await statusOf("ops:correct horse")) !== 200) {
          // The process that serves the page hears of it in its own time.
        }
      })(),
      () => bmcs.daemon.log(),
    );
    assert.equal(await statusOf("ops:wrong horse"), 401);
  });

  test("it sees a BMC that is stopped, which says how to start it", async () => {
    await bmcs.daemon.vbmc("stop", "lab-01");
    const { status, body } = await ask({ port, path: "/redfish/v1/Systems/lab-01", auth: "ops:correct horse" });
    assert.equal(status, 503);
    assert.match(body, /vbmc start lab-01/);
    await bmcs.daemon.vbmc("start", "lab-01");
  });

  test("what cannot be is refused in a line that says what to do", async () => {
    const refusals: [string[], RegExp][] = [
      [["add", "ops", "--password-file", passwordFile("long enough")], /vbmc account set ops/],
      [["add", "short", "--password-file", passwordFile("short")], /8 to 256 characters/],
      [["add", "a:b", "--password-file", passwordFile("long enough")], /no blanks or colons/],
      [["set", "unknown", "--role", "ReadOnly"], /no account named unknown/],
      [["delete", "unknown"], /no account named unknown/],
    ];
    for (const [args, pattern] of refusals) {
      const { code, stderr } = await vbmc(...args);
      assert.notEqual(code, 0);
      assert.match(stderr, pattern);
      assert.equal(stderr.split("\n").length, 2);
    }
    assert.equal((await vbmc("add", "ops")).code, 2);
    assert.equal((await vbmc("list", "ops")).code, 2);
  });

  test("a role can be changed, and an account deleted", async () => {
    assert.equal((await vbmc("set", "ops", "--role", "ReadOnly")).code, 0);
    assert.equal((await vbmc("list", "-f", "value")).stdout, "ops ReadOnly\n");
    assert.equal((await vbmc("delete", "ops")).code, 0);
    assert.equal((await vbmc("list", "-f", "value")).stdout, "");
  });

  test("a file that is damaged keeps no account from anything, and says so", async () => {
    writeFileSync(file, "{");
    const { code, stderr } = await vbmc("list");
    assert.equal(code, 1);
    assert.match(stderr, /accounts\.json is damaged: restore or remove it/);
  });
});
