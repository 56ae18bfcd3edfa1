import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { afterEach, test } from "node:test";
import { pathToFileURL } from "node:url";

import pino from "pino";

import { makeSelfSigned } from "../../../src/process/daemon/selfSigned.js";
import { listBmcs } from "../../../src/process/operations/list.js";
import { createSupervisor, type Supervisor } from "../../../src/process/supervisor/supervisor.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { createBmcStore, type StoredChanges } from "../../../src/settings/store/bmcStore.js";
import { compiled } from "../../support/compiled.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
let count = 0;

// The fakes need no loader.
process.execArgv = [];
const fake = compiled("test/process/daemon/fakes", ["child", "link"]);
// The fakes need no loader for TypeScript, which would take most of their time to start.
process.execArgv = [];

const opened: Supervisor[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((supervisor) => supervisor.close()));
});

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A supervisor of fake children and links, and all that is logged. */
async function supervise(
  names: Readonly<Record<string, StoredChanges>>,
  settings: { readonly bmcsPerProcess?: number; readonly readyTimeoutMs?: number } = {},
) {
  const configDir = path.join(root, String(count++));
  const lines: Line[] = [];
  const listeners = new Set<() => void>();
  const log = pino(
    { level: "debug" },
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(JSON.parse(chunk.toString()) as Line);
        for (const look of listeners) {
          look();
        }
        done();
      },
    }),
  );
  const store = createBmcStore(configDir, (warning) => log.warn(warning));
  store.prepare();
  for (const [name, values] of Object.entries(names)) {
    await store.add(name, { username: "u", password: "p4ssw0rd", port: "1000", active: "True", ...values });
  }
  const supervisor = createSupervisor({
    makeCertificate: makeSelfSigned,
    config: { ...loadConfig({}, configDir), configDir, bmcsPerProcess: settings.bmcsPerProcess ?? 1 },
    store,
    log,
    version: "0",
    childEntry: pathToFileURL(fake("child")),
    linkEntry: pathToFileURL(fake("link")),
    webEntry: pathToFileURL(fake("link")),
    consoleEntry: pathToFileURL(fake("link")),
    readyTimeoutMs: settings.readyTimeoutMs ?? 20_000,
  });
  opened.push(supervisor);
  supervisor.reconcile();
  /** Resolves with the first logged line that fits, from now or before. */
  const logged = (fits: (line: Line) => boolean) =>
    new Promise<Line>((resolve, reject) => {
      const bound = setTimeout(() => {
        reject(new Error(`not logged in time; the last lines are ${JSON.stringify(lines.slice(-5))}`));
      }, 20_000);
      const look = () => {
        const line = lines.find(fits);
        if (line === undefined) {
          return;
        }
        clearTimeout(bound);
        listeners.delete(look);
        resolve(line);
      };
      listeners.add(look);
      look();
    });
  const up = (...all: string[]) => Promise.all(all.map((name) => supervisor.whenUp(name, 20_000)));
  const stateOf = (name: string) => supervisor.running.get(name)?.state;
  return { supervisor, store, lines, logged, up, stateOf };
}

const vcenter = { viserver: "vc", viserver_username: "u", viserver_password: "s3cret" };

const isAlive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("active BMCs run, each in a process of its own that carries its name; others do not", async () => {
  const { supervisor, up, stateOf } = await supervise({ vm1: {}, vm2: {}, vm3: { active: "False" } });
  await up("vm1", "vm2");
  const pids = ["vm1", "vm2"].map((name) => supervisor.running.get(name)?.pid);
  assert.equal(new Set(pids).size, 2);
  assert.match(readFileSync(`/proc/${pids[0] ?? 0}/cmdline`, "utf8"), /^vbmc: vm1/);
  assert.equal(stateOf("vm3"), undefined);
  await supervisor.close();
  assert.deepEqual(pids.map(isAlive), [false, false]);
});

/** Inodes of the sockets and pipes that a process has open. */
function channelsOf(pid: number | "self"): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return links.filter((link) => /^(socket|pipe):/.test(link));
}

/** What this test was started with may reach its children: it is not ours. */
const fromOutside = new Set(channelsOf("self"));

test("a child inherits no descriptor of the supervisor or of another child", async () => {
  const names = ["vm1", "vm2", "vm3"];
  const { supervisor, up } = await supervise({ vm1: vcenter, vm2: {}, vm3: {} });
  await up(...names);
  const all = [channelsOf("self"), ...names.map((name) => channelsOf(supervisor.running.get(name)?.pid ?? 0))];
  const owned = all.flatMap((channels) => [...new Set(channels)].filter((channel) => !fromOutside.has(channel)));
  assert.ok(owned.length > 2 * names.length, "each child has a channel for messages and one for stderr");
  assert.equal(new Set(owned).size, owned.length, "no socket or pipe is in two processes");
});

test("a BMC that cannot listen is in error with the reason, and tried again", async () => {
  const { supervisor, up, logged, lines } = await supervise({ taken: {} });
  await up("taken");
  const bmc = supervisor.running.get("taken");
  assert.deepEqual([bmc?.state, bmc?.reason, bmc?.failures], ["error", "the port is taken", 1]);
  const again = await logged((line) => line["failures"] === 2);
  assert.equal(again.msg, "BMC failed, next try in 2 s");
  assert.equal(lines.filter(({ msg }) => msg.startsWith("BMC failed")).length, 2);
});

test("a child that dies takes its reason along and comes back, and prints no password", async () => {
  const { supervisor, up, logged, lines } = await supervise({ dying: {}, vm1: {} });
  await up("dying", "vm1");
  assert.equal(supervisor.running.get("dying")?.reason, "its process ended with exit code 3: Error: no use for ***");
  const before = supervisor.running.get("vm1")?.pid ?? 0;
  process.kill(before, "SIGKILL");
  const { reason } = await logged(({ msg, vm }) => msg.startsWith("BMC failed") && vm === "vm1");
  assert.equal(reason, "its process was ended by SIGKILL");
  await logged(({ msg, vm, pid }) => msg === "serving" && vm === "vm1" && pid !== before);
  await up("vm1");
  assert.ok(!JSON.stringify(lines).includes("p4ssw0rd"));
});

test("a BMC that says nothing is in error after the bound, and its process is ended", async () => {
  const { supervisor, up } = await supervise({ silent: {} }, { readyTimeoutMs: 300 });
  await up("silent");
  const { state, reason } = supervisor.running.get("silent") ?? {};
  assert.deepEqual([state, reason], ["error", "it did not listen within 0.3 s"]);
});

test("a BMC that says nothing among others of its process has 40 ms more for each of them", async () => {
  const { supervisor, up } = await supervise(
    { silent: {}, vm1: {}, vm2: {} },
    { readyTimeoutMs: 300, bmcsPerProcess: 3 },
  );
  await up("silent");
  const { state, reason } = supervisor.running.get("silent") ?? {};
  assert.deepEqual([state, reason], ["error", "it did not listen within 0.38 s"]);
});

test("a client that waits for a BMC to come up is notified at once when it is no longer wanted", async () => {
  const { supervisor, store, stateOf } = await supervise({ silent: {} });
  const farAwayMs = 3_600_000;
  const waiting = supervisor.whenUp("silent", farAwayMs);
  await store.update("silent", { active: "False" });
  await supervisor.reconcileSoon();
  await waiting;
  assert.notEqual(stateOf("silent"), "running");
  await supervisor.whenUp("never there", farAwayMs);
});

test("a hung child is killed within 2 s", async () => {
  const { supervisor, up, stateOf } = await supervise({ hung: {} });
  await up("hung");
  const pid = supervisor.running.get("hung")?.pid;
  const release = await supervisor.hold("hung");
  await supervisor.whenDown("hung", 10_000);
  assert.equal(stateOf("hung"), undefined);
  assert.equal(isAlive(pid), false);
  release();
});

test("an edit of the port restarts the BMC with the new one, and no other", async () => {
  const { supervisor, store, up, logged } = await supervise({ vm1: {}, vm2: {} });
  await up("vm1", "vm2");
  const other = supervisor.running.get("vm2")?.pid;
  await store.update("vm1", { port: "2000" });
  supervisor.reconcile();
  await logged(({ msg, vm, port }) => msg === "serving" && vm === "vm1" && port === 2000);
  assert.equal(supervisor.running.get("vm2")?.pid, other);
});

test("edits and removed folders are noticed without a command", async () => {
  const { supervisor, store, up, logged } = await supervise({ vm1: {}, vm2: {} });
  await up("vm1", "vm2");
  const pid = supervisor.running.get("vm1")?.pid;
  await store.delete("vm1");
  await store.update("vm2", { port: "2000" });
  await logged(({ msg, vm, port }) => msg === "serving" && vm === "vm2" && port === 2000);
  await supervisor.whenDown("vm1", 10_000);
  assert.equal(isAlive(pid), false);
});

test("packed BMCs share processes; stopping one leaves its neighbours untouched", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const { supervisor, up, stateOf } = await supervise(Object.fromEntries(names.map((name) => [name, {}])), {
    bmcsPerProcess: 2,
  });
  await up(...names);
  const pids = () => names.map((name) => supervisor.running.get(name)?.pid);
  const before = pids();
  assert.equal(new Set(before).size, 3);
  const release = await supervisor.hold("a");
  await supervisor.whenDown("a", 10_000);
  assert.deepEqual(pids().slice(1), before.slice(1));
  assert.equal(stateOf("a"), undefined);
  release();
  await supervisor.reconcileSoon();
  await up("a");
  assert.equal(supervisor.running.get("a")?.pid, before[0], "the free place is taken again");
});

test("a packed child that dies brings back its own BMCs only", async () => {
  const names = ["a", "b", "c", "d"];
  const { supervisor, up, logged } = await supervise(Object.fromEntries(names.map((name) => [name, {}])), {
    bmcsPerProcess: 2,
  });
  await up(...names);
  const [before, other] = ["a", "c"].map((name) => supervisor.running.get(name)?.pid ?? 0);
  process.kill(before ?? 0, "SIGKILL");
  for (const name of ["a", "b"]) {
    await logged(({ msg, vm, pid }) => msg === "serving" && vm === name && pid !== before);
  }
  await up("a", "b");
  assert.deepEqual(names.map((name) => supervisor.running.get(name)?.pid).slice(2), [other, other]);
});

test("BMCs of one account share one link, which starts with the first and ends with the last", async () => {
  const { supervisor, up, lines, logged } = await supervise({
    vm1: vcenter,
    vm2: vcenter,
    vm3: { ...vcenter, viserver_username: "v" },
  });
  await up("vm1", "vm2", "vm3");
  const connects = () => lines.filter(({ msg }) => msg === "link connects").length;
  await logged(() => connects() >= 2);
  const release = await supervisor.hold("vm1");
  await logged(({ msg, vmNames }) => msg === "link withdraws" && JSON.stringify(vmNames) === '["vm1"]');
  assert.deepEqual(supervisor.linkStateOf("vm2"), { state: "connected" });
  release();
  assert.equal(connects(), 2);
  await supervisor.close();
  assert.ok(!JSON.stringify(lines).includes("s3cret"));
});

test("a password that is kept in a file is used as soon as it changes, with nothing else done", async () => {
  const file = path.join(root, "password");
  writeFileSync(file, "first\n");
  const { supervisor, up, lines, logged } = await supervise({ vm1: { ...vcenter, viserver_password: `@${file}` } });
  await up("vm1");
  const connects = () => lines.filter(({ msg }) => msg === "link connects").length;
  await logged(() => connects() === 1);
  supervisor.reconcile();
  assert.equal(connects(), 1);
  writeFileSync(file, "second\n");
  await logged(() => connects() === 2);
  assert.doesNotMatch(JSON.stringify(lines), /first|second/);
});

test("an operation finds its way to the link and its result back to the asker", async () => {
  const { logged } = await supervise({ asking: vcenter });
  const { told } = await logged(
    ({ msg, told: message }) => msg === "told" && (message as Line)["type"] === "operationResult",
  );
  assert.deepEqual(told, { type: "operationResult", id: 7, result: { ok: true } });
  await logged(
    ({ told: message }) =>
      JSON.stringify(message) ===
      JSON.stringify({
        type: "machineReport",
        vmName: "asking",
        report: { fresh: true, snapshot: { powerState: "poweredOn" } },
      }),
  );
});

test("what a link sees of a VM after it has answered reaches the BMC", async () => {
  const { logged } = await supervise({ asking: { ...vcenter, viserver: "failing late" } });
  const { told } = await logged(({ told: message }) => (message as Line | undefined)?.["type"] === "machineEvent");
  const event = { kind: "operationFailed", operation: "power", reason: "no licence" };
  assert.deepEqual(told, { type: "machineEvent", vmName: "asking", event });
});

test("an operation that the link does not answer is timed out", async () => {
  const { logged } = await supervise({ askingBriefly: { ...vcenter, viserver: "silent" } });
  const { told } = await logged(({ told: message }) => (message as Line | undefined)?.["type"] === "operationResult");
  assert.equal((told as { result: { kind: string } }).result.kind, "timedOut");
});

test("a BMC without a viserver hears so at once, and so do its operations", async () => {
  const { logged } = await supervise({ asking: {} });
  const report = await logged(({ told: message }) => (message as Line | undefined)?.["type"] === "machineReport");
  assert.match(
    JSON.stringify(report["told"]),
    /"fresh":false,"kind":"unavailable","reason":"no viserver is configured for asking: /,
  );
  const result = await logged(({ told: message }) => (message as Line | undefined)?.["type"] === "operationResult");
  assert.match(JSON.stringify(result["told"]), /"ok":false,"kind":"unavailable","message":"no viserver is configured/);
});

test("when a link dies its BMCs hear that its state is unknown, what was asked fails, and it comes back", async () => {
  const { logged, lines } = await supervise({ asking: { ...vcenter, viserver: "dying" } });
  const result = await logged(({ told: message }) => (message as Line | undefined)?.["type"] === "operationResult");
  assert.deepEqual((result["told"] as Line)["result"], {
    ok: false,
    kind: "unavailable",
    message: "the vCenter link ended with exit code 4",
  });
  await logged(({ told: message }) =>
    JSON.stringify(message ?? null).includes(
      '"fresh":false,"kind":"unavailable","reason":"the vCenter link ended with exit code 4"',
    ),
  );
  await logged(
    ({ msg }) => msg === "link connects" && lines.filter((line) => line.msg === "link connects").length === 2,
  );
});

test("a file of an older version gets its fake MAC when it is first served", async () => {
  const { store, up } = await supervise({ vm1: {} });
  await up("vm1");
  const entry = store.read("vm1");
  assert.ok(entry !== undefined && "bmc" in entry);
  assert.equal(entry.bmc.fakemac, "02:00:00:a8:28:2f");
});

test("many children start a few at a time, and the rest wait in state starting", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `vm${index}`);
  const { supervisor, up, stateOf } = await supervise(Object.fromEntries(names.map((name) => [name, {}])));
  const listed = listBmcs({ long: false }, supervisor);
  assert.deepEqual(new Set(listed.map(({ status }) => status)), new Set(["starting"]), "as vbmc list shows them");
  await up(...names);
  assert.deepEqual(new Set(names.map(stateOf)), new Set(["running"]));
});

test("closing while children are being started leaves none behind", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `vm${index}`);
  const { supervisor, up } = await supervise(Object.fromEntries(names.map((name) => [name, {}])));
  await up("vm0");
  const pid = supervisor.running.get("vm0")?.pid;
  await supervisor.close();
  assert.equal(isAlive(pid), false);
  assert.equal(supervisor.running.size, 0);
});

test("200 children end within 3 s, those that hang included", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `${index % 20 === 0 ? "hung" : "vm"}${index}`);
  const { supervisor, stateOf } = await supervise(Object.fromEntries(names.map((name) => [name, {}])));
  await Promise.all(names.map((name) => supervisor.whenUp(name, 300_000)));
  assert.ok(names.every((name) => stateOf(name) === "running"));
  const pids = [...supervisor.running.values()].map(({ pid = 0 }) => pid);
  const startedAt = Date.now();
  await supervisor.close();
  // As much again for a machine that is busy with other tests.
  assert.ok(Date.now() - startedAt < 6000, `they took ${Date.now() - startedAt} ms`);
  assert.ok(!pids.some(isAlive));
});
