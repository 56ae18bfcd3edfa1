/** `vbmc events` and the metrics, of a daemon as its users run it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { controlChassis } from "../../src/protocol/client/chassis.js";
import { openClientSession } from "../../src/protocol/client/clientSession.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { bin, type Daemon, startDaemon } from "../support/stack.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";

interface Row {
  readonly Name: string;
  readonly Event: string;
  readonly Source: string;
  readonly User: string;
  readonly What: string;
}

let vcenter: RunningVcenter;
let viserver: string;
let daemon: Daemon;
let port: number;
let metricsPort: number;
let follower: { readonly next: () => Promise<Row>; readonly end: () => Promise<void> };

before(async () => {
  vcenter = await vcenters[0]!.start(1);
  viserver = new URL(vcenter.url).host;
  [port, metricsPort] = [await freeUdpPort(), await freeTcpPort()];
  daemon = await startDaemon(`[metrics]\nlisten = 127.0.0.1:${metricsPort}\n`);
  follower = follow();
  const account = ["--viserver-username", vcenter.username, "--viserver-password", vcenter.password];
  const at = ["--port", String(port), "--address", "127.0.0.1", "--password", "pa55word"];
  const added = await daemon.vbmc("add", "vm-01", ...at, "--viserver", viserver, ...account);
  assert.deepEqual([added.code, added.stderr], [0, ""]);
});
after(async () => {
  await follower.end();
  await daemon.close();
  await vcenter.close();
});

/** `vbmc events --follow -f json`: one object a line. */
function follow() {
  const child = spawn(process.execPath, [bin("vbmc"), "events", "--follow", "-f", "json"], {
    env: daemon.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse(String((await lines.next()).value)) as Row,
    end: async () => {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

/** Reads what follows until an event fits. */
async function seen(fits: (row: Row) => boolean): Promise<Row> {
  for (;;) {
    const row = await follower.next();
    if (fits(row)) {
      return row;
    }
  }
}

async function logIn(username: string, password: string) {
  return openClientSession({ host: "127.0.0.1", port, username, password, timeoutMs: 5_000 });
}

/** Scrapes until the sample is there: counts come within 5 s. */
async function sample(line: string | RegExp): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const lines = (await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).split("\n");
    const found = lines.find((each) => (typeof line === "string" ? each === line : line.test(each)));
    if (found !== undefined) {
      return found;
    }
    await wait(100);
  }
  return assert.fail(`${String(line)} is not among the samples`);
}

test("events are followed: who powered a VM on, from where, and what came of it", async () => {
  assert.deepEqual((await daemon.vbmc("start", "vm-01")).code, 0);
  assert.match((await seen(({ Event }) => Event === "bmc")).What, /^listens on 127\.0\.0\.1 port \d+$/);
  const connected = await seen(({ Event }) => Event === "vcenter");
  assert.deepEqual([connected.Name, connected.What], [viserver, `connected as ${vcenter.username}`]);
  await sample('vbmc_vm_powered_on{bmc="vm-01"} 0');
  const session = await logIn("admin", "pa55word");
  await controlChassis(session, "on");
  const { Name, Source, User, What } = await seen(({ Event }) => Event === "command");
  assert.deepEqual([Name, Source, User, What], ["vm-01", "127.0.0.1", "admin", "power on"]);
  await session.close();
});

test("a refused login is an event with its source, and no secret is in any event", async () => {
  await assert.rejects(logIn("unknown", "wr0ng-Passw0rd"));
  await seen(({ Event }) => Event === "login");
  const { stdout } = await daemon.vbmc("events", "-f", "csv", "vm-01");
  assert.match(stdout, /"login","127\.0\.0\.1","","login refused: unknown user"/);
  for (const secret of ["wr0ng-Passw0rd", "pa55word", vcenter.password]) {
    assert.ok(!stdout.includes(secret));
  }
});

test("a scrape tells of BMCs, VMs, commands, logins and vCenters", async () => {
  assert.equal(await sample('vbmc_bmc_up{bmc="vm-01"} 1'), 'vbmc_bmc_up{bmc="vm-01"} 1');
  await sample('vbmc_vm_powered_on{bmc="vm-01"} 1');
  await sample('vbmc_login_failures_total{bmc="vm-01"} 1');
  await sample(/^vbmc_commands_total\{bmc="vm-01",completion_code="0x00"\} [1-9]/);
  await sample(/^vbmc_command_duration_seconds_bucket\{bmc="vm-01",le="\+Inf"\} [1-9]/);
  await sample('vbmc_sessions{bmc="vm-01"} 0');
  const account = `viserver="${viserver}",username="${vcenter.username}"`;
  await sample(`vbmc_vcenter_up{${account}} 1`);
  await sample(`vbmc_soap_calls_total{${account},method="PowerOnVM_Task",result="ok"} 1`);
});

test("a vCenter that goes away is an event and a sample, and a stopped BMC has no samples", async () => {
  await vcenter.close();
  assert.match((await seen(({ Event }) => Event === "vcenter")).What, /^not connected: /);
  await sample(/^vbmc_vcenter_up\{.*\} 0$/);
  assert.equal((await daemon.vbmc("stop", "vm-01")).code, 0);
  await seen(({ What }) => What === "stopped");
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  assert.ok(!text.includes('bmc="vm-01"'));
});

test("without --follow the events that are kept are printed, and --last takes the last of them", async () => {
  const { stdout } = await daemon.vbmc("events", "-f", "value", "-c", "What", "--last", "1");
  assert.equal(stdout, "stopped\n");
  const wrong = await daemon.vbmc("events", "--last", "x");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /argument -n\/--last: invalid non_negative int value: 'x'/);
});
