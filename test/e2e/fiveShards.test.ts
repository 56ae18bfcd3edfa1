/** 5,000 BMCs in five daemons on one config_dir, before one vCenter of 10,000 VMs (docs/many-vms.md, "Several daemons"). */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { treeOf } from "../../bench/processes.js";
import { createLimiter } from "../../src/base/async/limiter.js";
import { shardOf } from "../../src/process/supervisor/shard.js";
import type { ClientSession } from "../../src/protocol/client/clientSession.js";
import { type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { isAlive } from "../process/daemon/daemonHome.js";
import { asked, withSession } from "../support/askedBmc.js";
import { patiently } from "../support/patience.js";
import { freeUdpPorts } from "../support/ports.js";
import { type Daemon, daemonPid, startDaemon } from "../support/stack.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const vmCount = 10_000;
const bmcCount = 5_000;
const shards = 5;
const account = { username: "lab", password: "simulated" };
const bmcAccount = { username: "admin", password: "pa55word" };
/** One of loopback's that no other test uses at the same time: 5,000 ports in a row are free there. */
const address = `127.${100 + ((process.pid >> 16) & 0x3f)}.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
/** Sessions that are open at the same moment. */
const atOnce = 64;

interface Listed {
  readonly vm_name: string;
  readonly port: number;
}

const configDir = temporaryFolder();
const lists = temporaryFolder();
let simulator: Simulator;
let daemons: Daemon[] = [];
/** Every second VM has a BMC. */
let listed: readonly Listed[];
let vms: ReadonlyMap<string, SimulatedVm>;

before(async () => {
  const definitions = Array.from({ length: vmCount }, (_, index) => ({
    name: `vm-${String(index).padStart(5, "0")}`,
    powerState: index % 3 === 0 ? ("poweredOn" as const) : ("poweredOff" as const),
  }));
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: definitions, tls: true, ...account });
  vms = new Map([...simulator.inventory.vms.values()].map((vm) => [vm.name, vm]));
  const ports = await freeUdpPorts(bmcCount, address);
  listed = ports.map((port, index) => ({ vm_name: definitions[2 * index]!.name, port }));
  daemons = await Promise.all(Array.from({ length: shards }, (_, index) => startShard(index)));
});
after(async () => {
  await Promise.all(daemons.map((daemon) => daemon.close()));
  await simulator.close();
});

function startShard(index: number): Promise<Daemon> {
  return startDaemon(
    `config_dir = ${configDir}\nshard = ${index}/${shards}\nbmcs_per_process = 500\nserver_spawn_wait = 120000\n`,
  );
}

function ownedBy(index: number): readonly Listed[] {
  return listed.filter(({ vm_name: name }) => shardOf(name, shards) === index);
}

function isOn({ vm_name: name }: Listed): boolean {
  return vms.get(name)?.powerState === "poweredOn";
}

function inSession<T>({ port }: Listed, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return withSession({ host: address, port, ...bmcAccount, tries: 30 }, work);
}

/** IPMI 2.0 §28.2 Get Chassis Status. */
async function tellsOn(session: ClientSession): Promise<boolean> {
  return ((await asked(session, 0x00, 0x01))[0]! & 1) === 1;
}

/** Each BMC says of its VM what is so. */
async function assertTruth(bmcs: readonly Listed[]): Promise<void> {
  const limiter = createLimiter(atOnce);
  const told = await Promise.all(bmcs.map((bmc) => limiter.run(() => inSession(bmc, tellsOn))));
  const wrong = bmcs.filter((bmc, index) => told[index] !== isOn(bmc)).map(({ vm_name: name }) => name);
  assert.deepEqual(wrong, []);
}

/** Names that a daemon lists as running. */
async function runningIn(daemon: Daemon): Promise<string[]> {
  const { stdout } = await daemon.vbmc("list", "-f", "json");
  const rows = JSON.parse(stdout) as { "VM name": string; Status: string }[];
  return rows.filter(({ Status }) => Status === "running").map((row) => row["VM name"]);
}

test("one list, given to five daemons, gives each of them its own of 5,000 BMCs", async () => {
  const file = path.join(lists, "bmcs.json");
  const common = { address, ...bmcAccount, viserver: `127.0.0.1:${simulator.port}` };
  const credentials = { viserver_username: account.username, viserver_password: account.password };
  writeFileSync(file, JSON.stringify(listed.map((bmc) => ({ ...common, ...credentials, ...bmc }))), { mode: 0o600 });
  const imported = await Promise.all(daemons.map((daemon) => daemon.vbmc("import", file, "-f", "json")));
  for (const [index, { code, stdout, stderr }] of imported.entries()) {
    const others = bmcCount - ownedBy(index).length;
    assert.equal(
      stderr,
      `${others} of ${bmcCount} BMCs belong to daemons with other shards: give them this list too\n`,
    );
    assert.equal(code, 0);
    const rows = JSON.parse(stdout) as { "VM name": string; Result: string }[];
    const added = rows.filter(({ Result }) => Result === "added").map((row) => row["VM name"]);
    assert.deepEqual(
      added,
      ownedBy(index).map(({ vm_name: name }) => name),
    );
  }
});

test("all of them start and say truthfully whether their VMs are on, over one login for each daemon", async () => {
  for (const outcome of await Promise.all(daemons.map((daemon) => daemon.vbmc("start", "--all")))) {
    assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "" });
  }
  await assertTruth(listed);
  assert.equal(simulator.calls.get("Login"), shards);
  assert.equal(simulator.sessions.count(), shards);
});

test("each BMC belongs to one daemon; another one refuses it with the number of its shard", async () => {
  const running = await Promise.all(daemons.map(runningIn));
  for (const [index, names] of running.entries()) {
    assert.deepEqual(
      names,
      ownedBy(index).map(({ vm_name: name }) => name),
    );
  }
  const [foreign] = ownedBy(3);
  const { code, stderr } = await daemons[1]!.vbmc("stop", foreign!.vm_name);
  assert.deepEqual(
    [code, stderr],
    [1, `(1): ${foreign!.vm_name} belongs to the daemon with shard 3/5; this one has 1/5\n`],
  );
});

test("what changes in vCenter arrives in every shard", async () => {
  for (let index = 0; index < shards; index++) {
    const bmc = ownedBy(index).at(-1)!;
    await inSession(bmc, async (session) => {
      const before = await tellsOn(session);
      simulator.switchTo(vms.get(bmc.vm_name)!, before ? "poweredOff" : "poweredOn");
      const changed = async (): Promise<void> => {
        while ((await tellsOn(session)) === before) {
          // Not yet: each answer is a round trip.
        }
      };
      await patiently(changed(), () => `${bmc.vm_name} tells the change`);
    });
  }
});

test("a daemon that is killed serves its own again when it is back, with all that its BMCs knew", async () => {
  const killed = 2;
  const own = ownedBy(killed);
  const files = own.map(({ vm_name: name }) => path.join(configDir, name, "config"));
  const contents = files.map((file) => readFileSync(file, "utf8"));
  const userName = Buffer.from("operator".padEnd(16, "\0"));
  // IPMI 2.0 §22.28 Set User Name of user 3.
  await inSession(own[0]!, (session) => asked(session, 0x06, 0x45, 3, ...userName));

  const processes = treeOf(await daemonPid(daemons[killed]!));
  process.kill(processes[0]!, "SIGKILL");
  await daemons[killed]!.close();
  await assertTruth(ownedBy(0).slice(0, 100));

  daemons[killed] = await startShard(killed);
  assert.deepEqual(await daemons[killed].vbmc("start", "--all"), { code: 0, stdout: "", stderr: "" });
  await assertTruth(own);
  // §22.29 Get User Name.
  assert.deepEqual(await inSession(own[0]!, (session) => asked(session, 0x06, 0x46, 3)), userName);
  assert.deepEqual(
    files.map((file) => readFileSync(file, "utf8")),
    contents,
  );
  assert.deepEqual(processes.filter(isAlive), []);
  assert.equal(simulator.calls.get("Login"), shards + 1);
});

test("daemons that end leave no process, no session and no port behind", async () => {
  const processes = (await Promise.all(daemons.map(daemonPid))).flatMap(treeOf);
  assert.ok(processes.length >= 4 * shards, String(processes.length));
  await Promise.all(daemons.map((daemon) => daemon.close()));
  assert.deepEqual(processes.filter(isAlive), []);
  // The link of the daemon that was killed logs out if it comes to that before it ends; else vCenter lets its session lapse.
  assert.ok(simulator.sessions.count() <= 1, String(simulator.sessions.count()));
  assert.deepEqual(
    await freeUdpPorts(bmcCount, address),
    listed.map(({ port }) => port),
  );
});
