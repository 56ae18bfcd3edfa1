/** fence_ipmilan, as oVirt and Pacemaker call it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";

const agent = peer("fence-agents", () => isCommand("fence_ipmilan") && isCommand("ipmitool"));

/** action → exit code, what it prints, power state afterwards. `status` exits 2 for a VM that is off. */
const actions = [
  ["status", 2, "Status: OFF"],
  ["on", 0, "Success: Powered ON"],
  ["status", 0, "Status: ON"],
  ["reboot", 0, "Success: Rebooted"],
  ["status", 0, "Status: ON"],
  ["diag", 0, "Success: Rebooted"],
  ["off", 0, "Success: Powered OFF"],
  ["monitor", 0, ""],
  ["status", 2, "Status: OFF"],
] as const;

describe("fence_ipmilan", { skip: agent.skip }, () => {
  let vcenter: RunningVcenter;
  let daemon: Daemon;
  let port: number;

  before(async () => {
    vcenter = await vcenters[0]!.start(1);
    daemon = await startDaemon();
    port = await freeUdpPort();
    const account = ["--viserver-username", vcenter.username, "--viserver-password", vcenter.password];
    const at = ["--port", String(port), "--address", "127.0.0.1", "--password", "pa55word"];
    await daemon.vbmc("add", "vm-01", ...at, "--viserver", new URL(vcenter.url).host, ...account);
    assert.equal((await daemon.vbmc("start", "vm-01")).code, 0);
  });
  after(async () => {
    await daemon.close();
    await vcenter.close();
  });

  test("status, on, reboot, diag, off and monitor do what a cluster expects", async () => {
    for (const [index, [action, expectedCode, expectedText]] of actions.entries()) {
      const at = ["--ip=127.0.0.1", `--ipport=${port}`, "--lanplus", "--username=admin", "--password=pa55word"];
      const { code, stdout, stderr } = await run("fence_ipmilan", [...at, `--action=${action}`]);
      assert.deepEqual([code, stdout.trim()], [expectedCode, expectedText], `${index}: ${action}: ${stderr}`);
    }
    assert.equal(vcenter.nmiCount?.("vm-01"), 1);
  });

  test("with a wrong password it fails instead of reporting a state", async () => {
    const at = ["--ip=127.0.0.1", `--ipport=${port}`, "--lanplus", "--username=admin", "--password=wrong"];
    const { code, stdout } = await run("fence_ipmilan", [...at, "--action=status", "--login-timeout=5"]);
    assert.notEqual(code, 0);
    assert.notEqual(code, 2);
    assert.doesNotMatch(stdout, /Status/);
  });
});
