/** What the supervisor decides about consoles. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { defined } from "../../../src/base/defined.js";
import { openLog } from "../../../src/io/log/log.js";
import { serviceUriOf, tokenIn } from "../../../src/process/ipc/serviceUri.js";
import { consoleModeOf, proxyUriOf, whyNoConsole } from "../../../src/process/supervisor/console/consoleMode.js";
import { consoleToken } from "../../../src/process/supervisor/console/consoleTokens.js";
import { removeSocketPlace, socketPlace } from "../../../src/process/supervisor/console/socketPlace.js";
import type { Config } from "../../../src/settings/config/config.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { valueProblem } from "../../../src/settings/store/bmcKeys.js";
import type { StoredBmc } from "../../../src/settings/store/storedBmc.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const folder = temporaryFolder();
const { log } = openLog({ logfile: path.join(folder, "log"), debug: false, format: "json" });
const base = loadConfig({}, folder);
const config = (console: Partial<Config["console"]>): Config => ({ ...base, console: { ...base.console, ...console } });
const bmc = (console?: StoredBmc["console"]) => defined({ name: "vm-01", console }) as StoredBmc;

test("a BMC has a console when there is a concentrator, or its own way to one", () => {
  const listening = config({ listen: { address: "192.0.2.7", port: 13370 } });
  assert.equal(consoleModeOf(bmc(), base), undefined);
  assert.equal(consoleModeOf(bmc({ kind: "concentrator" }), base), undefined);
  assert.deepEqual(consoleModeOf(bmc(), listening), { kind: "concentrator" });
  assert.equal(consoleModeOf(bmc({ kind: "off" }), listening), undefined);
  const direct = { kind: "connect", protocol: "tcp", address: "esx1", port: 5000 } as const;
  assert.deepEqual(consoleModeOf(bmc(direct), base), direct);
  assert.match(whyNoConsole(bmc({ kind: "off" })), /vbmc set vm-01 --console ''/);
  assert.match(whyNoConsole(bmc()), /set \[console\] listen/);
});

test("VMs are told an address that they can reach, and which certificate to expect", () => {
  const at = (console: Partial<Config["console"]>) => proxyUriOf(config(console), "AA:BB");
  const listen = { address: "192.0.2.7", port: 13370 };
  assert.deepEqual(at({ listen }), { proxyUri: "telnets://192.0.2.7:13370#thumbprint=AA:BB" });
  assert.deepEqual(proxyUriOf(config({ listen }), undefined), { proxyUri: "telnet://192.0.2.7:13370" });
  assert.match(JSON.stringify(at({ listen: { ...listen, address: "0.0.0.0" } })), /set \[console\] address/);
  assert.deepEqual(at({ listen: { ...listen, address: "::" }, address: "2001:db8::1" }), {
    proxyUri: "telnets://[2001:db8::1]:13370#thumbprint=AA:BB",
  });
  assert.match(JSON.stringify(at({})), /listen is not set/);
});

test("the key console takes what it says, and nothing else", () => {
  for (const text of [
    "off",
    "Concentrator",
    "tcp://esx1.example.com:5000",
    "tcp://[::1]:1",
    "tcp-listen 10.0.0.1:5000",
    "telnet://esx1:23",
    "TELNET-LISTEN://10.0.0.1:5000",
  ]) {
    assert.equal(valueProblem("console", text), undefined, text);
  }
  for (const text of [
    "",
    "on",
    "tcp://:5000",
    "tcp://esx1",
    "tcp://esx1:0",
    "tcp://esx1:65536",
    "telnets://esx1:23",
    "tcp://a b:1",
  ]) {
    assert.match(valueProblem("console", text) ?? "", /must be off, concentrator, tcp:/, text);
  }
});

test("a token is made once, is only ours, and a damaged one is replaced with a warning", async () => {
  const own = path.join(folder, "vm-01");
  mkdirSync(own);
  const token = await consoleToken(own, log);
  assert.match(token, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(await consoleToken(own, log), token);
  assert.equal(statSync(path.join(own, "console-token")).mode & 0o777, 0o600);
  assert.equal(tokenIn(serviceUriOf("vm/ü?1", token)), token);
  assert.equal(tokenIn("vbmc:vm-01"), undefined);
  writeFileSync(path.join(own, "console-token"), "short");
  const next = await consoleToken(own, log);
  assert.notEqual(next, token);
  assert.equal(readFileSync(path.join(own, "console-token.damaged"), "utf8"), "short");
  assert.match(readFileSync(path.join(folder, "log"), "utf8"), /console-token is unusable: it holds no token/);
  const missing = await consoleToken(path.join(folder, "missing"), log);
  assert.match(missing, /^[A-Za-z0-9_-]{32}$/, "without a folder it is good for this daemon");
  assert.ok(!readFileSync(path.join(folder, "log"), "utf8").includes(missing));
});

test("the socket is in a folder that only we may enter, and its path is short enough", () => {
  const configDir = path.join(folder, "c");
  mkdirSync(configDir);
  writeFileSync(path.join(configDir, "x"), "");
  const place = socketPlace(configDir);
  assert.equal(path.dirname(place), path.join(configDir, ".console"));
  assert.equal(statSync(path.dirname(place)).mode & 0o777, 0o700);
  writeFileSync(path.join(configDir, ".console", "4194305.sock"), "");
  socketPlace(configDir);
  assert.throws(() => statSync(path.join(configDir, ".console", "4194305.sock")), "one of a daemon that is no more");
  chmodSync(path.join(configDir, ".console"), 0o755);
  for (const unfit of [configDir, path.join(folder, "long".repeat(30))]) {
    const elsewhere = socketPlace(unfit);
    assert.ok(Buffer.byteLength(elsewhere) <= 100 && !elsewhere.startsWith(unfit), elsewhere);
    assert.equal(statSync(path.dirname(elsewhere)).mode & 0o777, 0o700);
    removeSocketPlace(elsewhere);
    assert.ok(!existsSync(path.dirname(elsewhere)));
  }
  removeSocketPlace(place);
  assert.ok(existsSync(path.dirname(place)));
});
