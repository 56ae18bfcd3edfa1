import assert from "node:assert/strict";
import { readFileSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { maskSecrets, openLog } from "../src/io/log/log.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const folder = temporaryFolder();

test("records are JSON lines with the level by name, in a file 0600 whose folder is made", () => {
  const logfile = path.join(folder, "deep", "vbmcd.log");
  const { log, flush } = openLog({ logfile, debug: false, format: "auto" });
  log.debug("not seen");
  log.info({ vm: "vm1", ms: 3 }, "Chassis Control");
  flush();
  const { time, ...record } = JSON.parse(readFileSync(logfile, "utf8")) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(record, { level: "info", vm: "vm1", ms: 3, msg: "Chassis Control" });
  assert.equal(statSync(logfile).mode & 0o777, 0o600);
});

test("the text form is for people, one line each", () => {
  const logfile = path.join(folder, "text.log");
  const { log, flush } = openLog({ logfile, debug: true, format: "text" });
  log.debug({ vm: "vm1" }, "said");
  flush();
  assert.match(readFileSync(logfile, "utf8"), /^\[.*\] DEBUG: said {"vm":"vm1"}\n$/);
});

test("fields that hold secrets are not written, at any depth that we log", () => {
  const logfile = path.join(folder, "secret.log");
  const { log, flush } = openLog({ logfile, debug: false, format: "json" });
  log.info({ password: "hush", bmc: { password: "hush", kg: "hush" }, a: { b: { viserver_password: "hush" } } }, "x");
  flush();
  const text = readFileSync(logfile, "utf8");
  assert.ok(!text.includes("hush"));
  assert.match(text, /"password":"\*\*\*"/);
});

test("after it was moved away the log goes on in a new file", () => {
  const logfile = path.join(folder, "rotated.log");
  const { log, reopen, flush } = openLog({ logfile, debug: false, format: "json" });
  log.info("before");
  flush();
  renameSync(logfile, `${logfile}.1`);
  reopen();
  log.info("after");
  flush();
  assert.match(readFileSync(`${logfile}.1`, "utf8"), /before/);
  assert.match(readFileSync(logfile, "utf8"), /after/);
});

test("a log file that cannot be opened is reported at once", () => {
  assert.throws(() => openLog({ logfile: "/dev/null/x.log", debug: false, format: "json" }));
});

test("secrets are masked as text, in JSON and in XML", () => {
  const secret = `p"<&`;
  const text = `${secret} ${JSON.stringify({ secret })} <password>p"&lt;&amp;</password>`;
  assert.equal(maskSecrets(text, [secret, ""]), '*** {"secret":"***"} <password>***</password>');
});
