/** A VM that asks something while it is switched on: who operates it learns of it, and answers with `vbmc answer`. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { movedOrCopied, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { removeFolder } from "../support/temporaryFolder.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };
const ipmitoolPeer = peer("ipmitool", () => isCommand("ipmitool"));
const freeipmiPeer = peer("freeipmi-tools", () => isCommand("ipmi-sel"));
const question = /This virtual machine might have been moved or copied\. In order to .* answer "I Copied It"\./;

let daemon: Daemon;
let simulator: Simulator;
let port: number;
let home: string;

before(async () => {
  home = await mkdtemp(path.join(tmpdir(), "vbmc-answer-"));
  const vms = [{ name: "vm-01", question: movedOrCopied }, { name: "vm-02" }];
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms, tls: true, ...account });
  daemon = await startDaemon();
  port = await freeUdpPort();
  const { host } = new URL(simulator.url);
  const where = ["--viserver", host, "--viserver-username", account.username];
  const added = await daemon.vbmc(
    "add",
    "vm-01",
    "--port",
    `${port}`,
    ...where,
    "--viserver-password",
    account.password,
  );
  assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
  await daemon.vbmc("start", "vm-01");
});
after(async () => {
  await daemon.close();
  await simulator.close();
  await removeFolder(home);
});

function ipmitool(command: string): Promise<Outcome> {
  const way = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(port), "-U", "admin", "-P", "password"];
  return run("ipmitool", [...way, ...command.split(" ")]);
}

function freeipmi(command: string, ...args: readonly string[]): Promise<Outcome> {
  const way = ["-D", "LAN_2_0", "-h", `127.0.0.1:${port}`, "-u", "admin", "-p", "password"];
  // FreeIPMI keeps copies of SDR repositories in the home folder.
  return run(command, [...way, ...args], { env: { ...process.env, HOME: home } });
}

test(
  "the question is reported by show, check, events and the log, and answered",
  { skip: ipmitoolPeer.skip },
  async () => {
    assert.equal((await daemon.vbmc("answer", "vm-01")).stderr, "(1): the VM is not waiting for an answer\n");
    assert.equal((await ipmitool("power on")).code, 0);
    await daemon.logged("a question blocks the VM: This virtual machine");
    assert.match(
      (await daemon.vbmc("show", "vm-01", "-f", "json")).stdout,
      new RegExp(question.source.replaceAll(`"`, `\\\\"`)),
    );
    const check = await daemon.vbmc("check", "vm-01", "-f", "value");
    assert.equal(check.code, 1);
    assert.match(
      check.stdout,
      /power state failed poweredOff, and waits for an answer: This .*vbmc answer vm-01 CHOICE/,
    );
    assert.match((await daemon.vbmc("events", "-f", "value")).stdout, /vm-01 vm .*a question blocks the VM: This/);
    const asked = await daemon.vbmc("answer", "vm-01", "-f", "value");
    assert.match(asked.stdout, /^question This virtual.*\n0 Cancel\n1 I Moved It\n2 I Copied It\n$/);
    const wrong = await daemon.vbmc("answer", "vm-01", "3");
    assert.equal(
      wrong.stderr,
      "(1): there is no choice '3': give one of 0 = Cancel, 1 = I Moved It, 2 = I Copied It\n",
    );
  },
);

test("FreeIPMI rates the sensor and the record as critical", { skip: freeipmiPeer.skip }, async () => {
  const sensors = await freeipmi("ipmi-sensors", "--output-sensor-state", "--comma-separated-output");
  assert.match(sensors.stdout, /VM Question,Management Subsystem Health,Critical/);
  const records = await freeipmi("ipmi-sel", "--output-event-state", "--comma-separated-output");
  assert.match(records.stdout, /VM Question,Management Subsystem Health,Critical,/);
});

test("with the answer the VM goes on", async () => {
  const answered = await daemon.vbmc("answer", "vm-01", "I Copied It");
  assert.deepEqual([answered.code, answered.stderr], [0, ""]);
  assert.match(answered.stdout, /^Answered 'I Copied It' to: This virtual machine/);
  await daemon.logged("no question blocks the VM any longer");
  assert.doesNotMatch((await daemon.vbmc("show", "vm-01")).stdout, /question/);
  assert.equal((await daemon.vbmc("answer", "vm-03")).stderr, "(1): No VM with matching name vm-03 was found\n");
});
