/** deploy/logrotate/vbmcd, run by logrotate itself beside a daemon. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";

import { until } from "../../support/patience.js";
import { peer } from "../../support/peer.js";
import { isCommand } from "../../support/programs.js";
import { inRepository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome } from "./daemonHome.js";

const snippet = inRepository("deploy/logrotate/vbmcd");
const logrotate = peer("logrotate", () => isCommand("logrotate") || isCommand("/usr/sbin/logrotate"));

test("logrotate moves the log away, and the daemon goes on in a new file 0600", { skip: logrotate.skip }, async () => {
  const home = await createDaemonHome(path.join(temporaryFolder(), "home"));
  after(() => home.end());
  await home.start();
  const text = readFileSync(snippet, "utf8");
  for (const line of ["su vbmc vbmc", "create 0600 vbmc vbmc", "systemctl reload vbmcd.service"]) {
    assert.ok(text.includes(line), line);
  }
  const here = text
    .replaceAll("/var/lib/vbmc/vbmcd.log", home.logFile)
    .replace(/^ *su .*\n/m, "")
    .replace("create 0600 vbmc vbmc", "create 0600")
    .replace("systemctl reload vbmcd.service", `kill -HUP ${home.pid}`);
  const file = path.join(home.home, "logrotate.conf");
  writeFileSync(file, here, { mode: 0o600 });
  const state = path.join(home.home, "logrotate.state");
  const { status, stderr } = spawnSync("logrotate", ["--force", "--state", state, file], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` },
  });
  assert.deepEqual([status, stderr], [0, ""]);
  await until("the daemon writes to the new file", () => /configuration read again/.test(home.log));
  assert.match(readFileSync(`${home.logFile}.1`, "utf8"), /started/);
  assert.doesNotMatch(home.log, /started/);
  assert.equal(statSync(home.logFile).mode & 0o777, 0o600);
});
