/** `vbmc events` over the SELs of the BMCs: what happened is still told when the daemon has been started again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { createDaemonHome, type DaemonHome } from "../process/daemon/daemonHome.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { bin } from "../support/stack.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";

interface Row {
  readonly Time: string;
  readonly Name: string;
  readonly Event: string;
  readonly Source: string;
  readonly User: string;
  readonly What: string;
}

const ipmitoolPeer = peer("ipmitool", () => isCommand("ipmitool"));
const poweredOn = "Power Unit #0x01 | Power off/down | Deasserted: powered on by user 2, whose address ends in 1";

const folder = temporaryFolder();
let vcenter: RunningVcenter;
let home: DaemonHome;
let port: number;

before(async () => {
  vcenter = await vcenters[0]!.start(2);
  home = await createDaemonHome(folder, "server_auth = none\nserver_response_timeout = 5000\n");
  await home.start();
  const account = { viserver: new URL(vcenter.url).host, viserver_username: vcenter.username };
  port = await home.add("vm-01", { ...account, viserver_password: vcenter.password });
  await home.add("vm-02", { ...account, viserver_password: vcenter.password });
  await home.command("start", "vm-01", "vm-02");
  for (const name of ["vm-01", "vm-02"]) {
    await until("the power state is known", async () => (await home.show(name, true))["power"] === "poweredOff");
  }
});
after(async () => {
  await home.end();
  await vcenter.close();
});

async function events(...args: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await run(process.execPath, [bin("vbmc"), "events", "-f", "json", ...args], {
    env: home.env,
  });
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Row[];
}

async function ipmitool(command: string): Promise<string> {
  const account = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(port), "-U", "admin", "-P", "pa55word"];
  const { code, stdout, stderr } = await run("ipmitool", [...account, ...command.split(" ")]);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function restart(): Promise<void> {
  await home.end();
  await home.start();
  await until("vm-01 listens", async () => (await home.list())["vm-01"] === "running");
}

test("a power command is an event, and so is the SEL's entry of what it did", { skip: ipmitoolPeer.skip }, async () => {
  await ipmitool("power on");
  await until("the SEL has it", async () => (await events("vm-01")).some(({ What }) => What === poweredOn));
  const rows = await events("vm-01");
  const command = rows.filter(({ Event }) => Event === "command");
  assert.deepEqual(
    command.map(({ Source, User, What }) => [Source, User, What]),
    [["127.0.0.1", "admin", "power on"]],
  );
  assert.equal(rows.filter(({ Event, What }) => Event === "sel" && What === poweredOn).length, 1);
  assert.equal(
    rows.filter(({ What }) => /listens|Transition to OK/.test(What)).length,
    1,
    "the start is reported once",
  );
});

test(
  "after a restart of the daemon the SEL tells what was before, in order and in ipmitool's words",
  { skip: ipmitoolPeer.skip },
  async () => {
    const [before] = (await events("vm-01")).filter(({ What }) => What === poweredOn);
    await restart();
    const rows = await events("vm-01");
    const found = rows.filter(({ What }) => What === poweredOn);
    assert.deepEqual(found, [before]);
    assert.deepEqual(
      rows,
      rows.toSorted((a, b) => (a.Time < b.Time ? -1 : 1)),
    );
    const told = rows.filter(({ Event }) => Event === "sel").map(({ What }) => What.replace(/: .*/, ""));
    const list = (await ipmitool("sel list")).trim().split("\n");
    const words = list.map((line) => line.split(" | ").slice(3).join(" | ").trim());
    // The entry of the last start is the daemon's event that the BMC listens.
    assert.deepEqual([...told, "Management Subsys Health #0x30 | Transition to OK | Asserted"], words);
    assert.equal(rows.filter(({ What }) => What.startsWith("listens")).length, 1);
  },
);

test("the SEL of a BMC that is stopped is reported too, and --last and names mean what they say", async () => {
  await home.command("stop", "vm-02");
  await restart();
  const rows = await events();
  assert.deepEqual(
    new Set(rows.filter(({ Event }) => Event === "sel").map(({ Name }) => Name)),
    new Set(["vm-01", "vm-02"]),
  );
  assert.ok((await events("vm-02")).every(({ Name, Event }) => Name === "vm-02" && Event === "sel"));
  assert.deepEqual((await events("--last", "2")).length, 2);
});

test("who follows sees what the daemon's restart let happen, and nothing twice", async () => {
  const child = spawn(process.execPath, [bin("vbmc"), "events", "--follow", "-n", "0", "-f", "json"], {
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen: Row[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => seen.push(JSON.parse(line) as Row));
  const gone = once(child.stderr.setEncoding("utf8"), "data");
  // Its first request must be there before the daemon goes.
  await until("it follows", async () => (await events("vm-01")).length > 0 && (await isFollowing()));
  await home.end();
  await gone;
  await home.start();
  await until("the new daemon is seen", () => seen.some(({ What }) => What.startsWith("listens")));
  child.kill();
  await once(child, "exit");
  assert.ok(!seen.some(({ Event }) => Event === "sel"), "old entries are not told again");

  /** A stop and a start are seen by anyone who follows. */
  async function isFollowing(): Promise<boolean> {
    await home.command("start", "vm-02");
    await home.command("stop", "vm-02");
    return seen.length > 0;
  }
});
