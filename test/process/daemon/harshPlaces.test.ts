/** vbmcd where little can be written, little is known, and something is in the way: it serves what it can, and ends when told. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterEach, describe, test } from "node:test";

import { openClientSession } from "../../../src/protocol/client/clientSession.js";
import { startSimulator } from "../../../src/simulator/index.js";
import { mount, needsRoot, otherUser } from "../../support/asRoot.js";
import { until } from "../../support/patience.js";
import { freeUdpPort } from "../../support/ports.js";
import { bin } from "../../support/stack.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome, type DaemonHome, isAlive, vbmcdScript } from "./daemonHome.js";

const root = temporaryFolder();
chmodSync(root, 0o755);
let count = 0;
const running: ChildProcess[] = [];
const homes: DaemonHome[] = [];

afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.end()));
  for (const daemon of running.splice(0)) {
    if (daemon.exitCode !== null || daemon.signalCode !== null) {
      continue;
    }
    daemon.kill("SIGKILL");
    await once(daemon, "exit");
  }
});

interface Place {
  readonly home: DaemonHome;
  /** Of the BMC `vm1`, which is active. */
  readonly port: number;
}

/** @param settings lines for `[default]`, of which some name files that are the folder's neighbours */
async function newPlace(settings: string): Promise<Place> {
  const home = await createDaemonHome(path.join(root, String(count++)), settings);
  homes.push(home);
  const port = await freeUdpPort();
  plant(home, "vm1", port);
  return { home, port };
}

function plant({ configDir }: DaemonHome, name: string, port: number, more = ""): void {
  mkdirSync(path.join(configDir, name), { recursive: true, mode: 0o700 });
  const text = `[VirtualBMC]\nusername = admin\npassword = pa55word\naddress = 127.0.0.1\nport = ${port}\nactive = True\n${more}`;
  writeFileSync(path.join(configDir, name, "config"), text, { mode: 0o600 });
}

/** In the foreground, as a service manager does. */
function startInForeground(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  stderr: "ignore" | "pipe" | number = "ignore",
) {
  const [program = "", ...args] = command;
  const daemon = spawn(program, args, { env, stdio: ["ignore", "ignore", stderr], cwd: root });
  running.push(daemon);
  return daemon;
}

const foreground = [process.execPath, vbmcdScript, "--foreground"];

const console = { host: "127.0.0.1", username: "admin", password: "pa55word", timeoutMs: 1_000 };

async function isServed(port: number): Promise<boolean> {
  try {
    const session = await openClientSession({ ...console, port });
    await session.close();
    return true;
  } catch {
    return false;
  }
}

/** What `vbmc` says of a daemon that has no control socket. */
function clientError(home: DaemonHome, user: readonly string[] = []): string {
  const { status, stderr } = spawnSync("env", [...user, process.execPath, bin("vbmc"), "list"], {
    env: home.env,
    encoding: "utf8",
  });
  assert.equal(status, 1);
  return stderr;
}

function refusalFor(fault: string): RegExp {
  const remedy = "let config_dir be written once, or set server_auth = none";
  return new RegExp(`Connection refused\\. vbmcd runs without a control socket: [^\n]*${fault}; ${remedy}\n$`);
}

async function endsOnSigterm(daemon: ChildProcess): Promise<void> {
  const exit = once(daemon, "exit");
  daemon.kill("SIGTERM");
  await Promise.race([exit, until("the daemon ends", () => daemon.exitCode !== null || daemon.signalCode !== null)]);
}

/** A copy of the folder on a read-only file system in its place. */
function makeReadOnly(folder: string): boolean {
  return mount("--bind", folder, folder) && spawnSync("mount", ["-o", "remount,bind,ro", folder]).status === 0;
}

describe("a config_dir that cannot be written", { skip: needsRoot }, () => {
  for (const auth of ["none", "curve"]) {
    test(`read-only, server_auth = ${auth}: BMCs are served, and the log says once what cannot be kept`, async (context) => {
      const { home, port } = await newPlace(`server_auth = ${auth}\nserver_response_timeout = 1000\n`);
      if (!makeReadOnly(home.configDir)) {
        context.skip("this machine does not allow mounts");
        return;
      }
      const daemon = startInForeground(foreground, home.env);
      await until("vm1 is served", () => isServed(port));
      const { log } = home;
      const told = (what: string) => log.split("\n").filter((line) => line.includes(what)).length;
      assert.equal(told(`${home.pidFile}: read-only file system: no pid file has been written`), 1, log);
      assert.equal(told(`${home.configDir}/vm1: read-only file system: changes to the BMC's data`), 1, log);
      assert.equal(told("let config_dir be written once, or set server_auth = none"), auth === "none" ? 0 : 1, log);
      if (auth === "none") {
        assert.deepEqual(await home.list(), { vm1: "running" });
        const { rows = [] } = await home.request({ command: "check", vm_names: ["vm1"], timeout_ms: 1_000 });
        assert.deepEqual(rows[0]?.slice(1), [
          "configuration",
          "warning",
          `${home.configDir}/vm1: read-only file system: changes to the BMC's data will be lost when its process ends`,
        ]);
      } else {
        assert.match(clientError(home), refusalFor(`${home.configDir}: read-only file system`));
        execFileSync("mount", ["-o", "remount,bind,rw", home.configDir]);
        await until("vbmc can talk to the daemon", () => /vbmc can talk to this vbmcd now/.test(home.log));
        const { status } = spawnSync(process.execPath, [bin("vbmc"), "list"], { env: home.env });
        assert.equal(status, 0);
      }
      await endsOnSigterm(daemon);
      assert.equal(daemon.exitCode, 0);
    });
  }

  test("read-only, a vCenter never seen before: the VM is driven, next boot device and all", async (context) => {
    const account = { username: "vbmc", password: "secret" };
    const vms = [{ name: "vm1" }];
    const simulator = await startSimulator({ address: "127.0.0.1", port: 0, tls: true, vms, ...account });
    context.after(() => simulator.close());
    const { home, port } = await newPlace("server_auth = none\n");
    const viserver = `viserver = 127.0.0.1:${simulator.port}\nviserver_username = vbmc\nviserver_password = secret\n`;
    plant(home, "vm1", port, viserver);
    if (!makeReadOnly(home.configDir)) {
      context.skip("this machine does not allow mounts");
      return;
    }
    const daemon = startInForeground(foreground, home.env);
    await until("the VM's state is known", async () => (await home.show("vm1", true))["power"] === "poweredOff");
    const session = await openClientSession({ ...console, port });
    const setBootDeviceToPxe = [5, 0x80, 0x04, 0, 0, 0];
    const requests = [
      { netFn: 0x06, command: 0x3b, data: [4] },
      { netFn: 0x00, command: 0x08, data: setBootDeviceToPxe },
      { netFn: 0x00, command: 0x02, data: [1] },
    ];
    for (const request of requests) {
      assert.equal((await session.request(request)).completionCode, 0);
    }
    await session.close();
    await until("the VM is on", async () => (await home.show("vm1", true))["power"] === "poweredOn");
    const folder = /\.links\/\w+: read-only file system: the certificate of \S+ is remembered until vbmcd ends/;
    assert.match(home.log, folder);
    assert.match(
      home.log,
      /boot-order\.json: read-only file system: the boot order to restore is kept in memory until/,
    );
    await endsOnSigterm(daemon);
  });

  test("full before the first start: BMCs are served", async (context) => {
    const { home, port } = await newPlace("server_auth = curve\nserver_response_timeout = 1000\n");
    const config = readFileSync(home.file("vm1"));
    const settings = readFileSync(path.join(home.configDir, "virtualbmc.conf"));
    if (!mount("-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", home.configDir)) {
      context.skip("this machine does not allow mounts");
      return;
    }
    mkdirSync(path.join(home.configDir, "vm1"), { mode: 0o700 });
    writeFileSync(home.file("vm1"), config, { mode: 0o600 });
    writeFileSync(path.join(home.configDir, "virtualbmc.conf"), settings);
    assert.throws(() => {
      writeFileSync(path.join(home.configDir, "filler"), Buffer.alloc(1024 * 1024));
    }, /ENOSPC/);
    const daemon = startInForeground(foreground, home.env);
    await until("vm1 is served", () => isServed(port));
    assert.match(home.log, /master\.pid: no space left on device: no pid file has been written/);
    assert.match(clientError(home), refusalFor(`${home.configDir}: no space left on device`));
    assert.deepEqual(readdirSync(home.configDir).sort(), ["filler", "virtualbmc.conf", "vm1"]);
    await endsOnSigterm(daemon);
    assert.equal(daemon.exitCode, 0);
  });
});

test("where no file may have any content: BMCs are served, a change is out of space, and no empty pid file is left", async () => {
  const { home, port } = await newPlace("server_auth = curve\nserver_response_timeout = 1000\n");
  const before = readdirSync(home.configDir).sort();
  const daemon = startInForeground(["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", ...foreground], home.env);
  await until("vm1 is served", () => isServed(port));
  const session = await openClientSession({ ...console, port });
  const setUserName = { netFn: 0x06, command: 0x45, data: [5, ...Buffer.alloc(16, "eve")] };
  // Out of space (table 5-2).
  assert.equal((await session.request(setUserName)).completionCode, 0xc4);
  await session.close();
  assert.deepEqual(readdirSync(home.configDir).sort(), before);
  await endsOnSigterm(daemon);
  assert.equal(daemon.exitCode, 0);
});

describe("another user", { skip: needsRoot }, () => {
  const asNobody = [`--reuid=${otherUser}`, `--regid=${otherUser}`, "--clear-groups"];
  const asNoOne = ["--reuid=12345", "--regid=12345", "--clear-groups"];

  function canRun(user: readonly string[]): boolean {
    return spawnSync("setpriv", [...user, process.execPath, vbmcdScript, "--version"]).status === 0;
  }

  test("a volume with lost+found, a folder of root's and what root's daemon has left: the others are served", async (context) => {
    if (!canRun(asNobody)) {
      context.skip("another user may not read this checkout");
      return;
    }
    const { home, port } = await newPlace("server_auth = none\n");
    mkdirSync(path.join(home.configDir, "lost+found"), { mode: 0o700 });
    mkdirSync(path.join(home.configDir, ".unfinished-1-1", "config"), { recursive: true, mode: 0o700 });
    symlinkSync("loop", path.join(home.configDir, "loop"));
    for (const file of ["", "vm1", "vm1/config", "virtualbmc.conf"]) {
      chownSync(path.join(home.configDir, file), otherUser, otherUser);
    }
    chownSync(home.home, otherUser, otherUser);
    plant(home, "foreign", 9);
    const daemon = startInForeground(["setpriv", ...asNobody, ...foreground], home.env);
    await until("vm1 is served", () => isServed(port));
    assert.deepEqual(await home.list(), { foreign: "error", loop: "error", vm1: "running" });
    assert.match(String((await home.show("foreign"))["reason"]), /permission denied; the folder belongs to user 0/);
    await endsOnSigterm(daemon);
    assert.equal(daemon.exitCode, 0);
  });

  test("control keys that root's daemon has left: vbmc says whose they are", async (context) => {
    if (!canRun(asNobody)) {
      context.skip("another user may not read this checkout");
      return;
    }
    const { home, port } = await newPlace("server_auth = curve\nserver_response_timeout = 1000\n");
    const keys = path.join(home.configDir, ".control-keys.json");
    writeFileSync(keys, "{}", { mode: 0o600 });
    for (const file of ["", "vm1", "vm1/config", "virtualbmc.conf"]) {
      chownSync(path.join(home.configDir, file), otherUser, otherUser);
    }
    chownSync(home.home, otherUser, otherUser);
    const daemon = startInForeground(["setpriv", ...asNobody, ...foreground], home.env);
    await until("vm1 is served", () => isServed(port));
    const fault = `${keys}: permission denied; it belongs to user 0, and this is user ${otherUser}`;
    assert.match(clientError(home, ["setpriv", ...asNobody]), refusalFor(fault));
    await endsOnSigterm(daemon);
  });

  test("without an entry in passwd and without any variable: served where paths are given, else told what to set", async (context) => {
    if (!canRun(asNoOne)) {
      context.skip("another user may not read this checkout");
      return;
    }
    const { home, port } = await newPlace("server_auth = curve\n");
    const file = path.join(home.home, "virtualbmc.conf");
    const paths = `config_dir = ${home.configDir}\npid_file = ${home.pidFile}\n`;
    writeFileSync(file, `[default]\nserver_port = ${home.port}\n${paths}`);
    for (const each of ["", ".vbmc", ".vbmc/vm1", ".vbmc/vm1/config"]) {
      chownSync(path.join(home.home, each), 12_345, 12_345);
    }
    const command = [...asNoOne, process.execPath];
    const bare = spawnSync("setpriv", [...command, vbmcdScript], { env: {}, encoding: "utf8" });
    assert.equal(bare.status, 1);
    assert.match(
      bare.stderr,
      /^\[default\] config_dir = ~\/\.vbmc: HOME is not set and the user has no entry in passwd: set/,
    );
    const daemon = startInForeground(["setpriv", ...asNoOne, ...foreground], { VIRTUALBMC_CONFIG: file });
    await until("vm1 is served", () => isServed(port));
    const words = [...command, bin("vbmc"), "list", "-f", "value", "-c", "Status"];
    const list = spawnSync("setpriv", words, { env: { VIRTUALBMC_CONFIG: file }, encoding: "utf8" });
    assert.deepEqual([list.stdout, list.stderr], ["running\n", ""]);
    await endsOnSigterm(daemon);
    assert.equal(daemon.exitCode, 0);
  });
});

test("in the background it holds neither a file of its caller's nor the folder it was called in", async () => {
  const { home } = await newPlace("server_auth = none\n");
  const lock = path.join(home.home, "lock");
  const script = `exec 9>'${lock}' 217>'${lock}'; cd '${home.home}'; '${process.execPath}' '${vbmcdScript}'`;
  const { status, stderr } = spawnSync("bash", ["-c", script], {
    env: { ...home.env, VIRTUALBMC_CONFIG: ".vbmc/virtualbmc.conf" },
    encoding: "utf8",
  });
  assert.deepEqual([status, stderr], [0, ""]);
  const pid = home.pid;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  for (const each of [pid, ...children]) {
    const open = readdirSync(`/proc/${each}/fd`).map((fd) => readlinkSync(`/proc/${each}/fd/${fd}`));
    assert.ok(!open.includes(lock), open.join());
    assert.equal(readlinkSync(`/proc/${each}/cwd`), "/");
  }
  process.kill(pid, "SIGHUP");
  await until("the relative VIRTUALBMC_CONFIG is found again", () => /configuration read again/.test(home.log));
});

describe("SIGTERM ends it", () => {
  /** Node gives its children a socket where it says pipe. */
  const standardErrors = {
    socket: () => "pipe" as const,
    pipe: () => {
      const pipe = path.join(root, `pipe-${count}`);
      execFileSync("mkfifo", [pipe]);
      return openSync(pipe, "r+");
    },
  };
  for (const [kind, open] of Object.entries(standardErrors)) {
    test(`though its log is not read from the ${kind}`, async () => {
      const { home, port } = await newPlace("server_auth = none\n");
      writeFileSync(
        path.join(home.configDir, "virtualbmc.conf"),
        `[default]\nserver_port = ${home.port}\nserver_auth = none\n[log]\ndebug = true\n`,
      );
      const daemon = startInForeground(foreground, home.env, open());
      await until("vm1 is served", () => isServed(port));
      // Far more than a pipe holds.
      const vm_names = ["x".repeat(60_000)];
      for (let times = 0; times < 5; times++) {
        await home.request({ command: "start", vm_names });
      }
      assert.ok(await isServed(port));
      await endsOnSigterm(daemon);
      assert.equal(daemon.exitCode, 0);
      assert.equal(existsSync(home.pidFile), false);
    });
  }

  test("though its log is a named pipe without a reader, or without one any more", async () => {
    const { home, port } = await newPlace("server_auth = none\n");
    mkdirSync(path.dirname(home.logFile));
    execFileSync("mkfifo", [home.logFile]);
    const daemon = startInForeground(foreground, home.env);
    await until("vm1 is served", () => isServed(port));
    closeSync(openSync(home.logFile, "r+"));
    assert.deepEqual(await home.list(), { vm1: "running" });
    await endsOnSigterm(daemon);
    assert.equal(daemon.exitCode, 0);
  });

  test("though files of ours are pipes without a writer, and the BMCs are served meanwhile", async () => {
    const { home, port } = await newPlace("server_auth = curve\n");
    const pipes = ["vm2/config", "vm1/users.json", "vm1/sel.journal", ".control-keys.json", "master.pid"];
    mkdirSync(path.join(home.configDir, "vm2"), { mode: 0o700 });
    execFileSync(
      "mkfifo",
      pipes.map((name) => path.join(home.configDir, name)),
    );
    const daemon = startInForeground(foreground, home.env);
    await until("vm1 is served", () => isServed(port));
    const list = spawnSync(process.execPath, [bin("vbmc"), "list", "-f", "value", "-c", "VM name", "-c", "Status"], {
      env: home.env,
      encoding: "utf8",
    });
    assert.deepEqual([list.stdout, list.stderr], ["vm1 running\nvm2 error\n", ""]);
    assert.ok(isAlive(daemon.pid ?? 0));
    await endsOnSigterm(daemon);
    assert.equal(daemon.exitCode, 0);
  });
});

test("a pid file and keys that are folders, or links to a pipe, in a circle or into nowhere are renamed", async () => {
  const pipe = path.join(root, "someone's pipe");
  execFileSync("mkfifo", [pipe]);
  const strange: readonly ((file: string) => void)[] = [
    (file) => mkdirSync(file),
    (file) => symlinkSync(path.basename(file), file),
    (file) => symlinkSync("/nonexistent/folder/file", file),
    (file) => symlinkSync(pipe, file),
  ];
  for (const make of strange) {
    const { home, port } = await newPlace("server_auth = curve\n");
    const files = [home.pidFile, path.join(home.configDir, ".control-keys.json")];
    files.forEach(make);
    const daemon = startInForeground(foreground, home.env);
    await until("vm1 is served", () => isServed(port));
    const { status, stderr } = spawnSync(process.execPath, [bin("vbmc"), "list"], { env: home.env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(Number(readFileSync(home.pidFile, "utf8")), daemon.pid);
    const names = readdirSync(home.configDir);
    assert.ok(
      files.every((file) => names.includes(`${path.basename(file)}.damaged`)),
      names.join(),
    );
    await endsOnSigterm(daemon);
  }
  assert.ok(existsSync(pipe), "what a link leads to stays");
});

test("a document that an older version left with a capacity of 0 is renamed, and the BMC listens", async () => {
  const { home, port } = await newPlace("server_auth = none\n");
  const sizes = { cpuCapacityMhz: 0, memorySizeMb: 32 };
  const file = path.join(home.configDir, "vm1", "sdr.json");
  writeFileSync(file, JSON.stringify({ sizes, changedAt: 1_700_000_000 }));
  await home.start();
  await until("vm1 is served", () => isServed(port));
  assert.match(home.log, /the data of the BMC in sdr\.json is lost: sizes\.cpuCapacityMhz is not a number/);
  assert.ok(existsSync(`${file}.damaged`));
});

test("a swapped link to a config is served within 3 s, and links stay", async () => {
  const { home, port } = await newPlace("server_auth = none\n");
  const folder = path.join(home.configDir, "vm1");
  const text = readFileSync(path.join(folder, "config"), "utf8");
  const next = await freeUdpPort();
  for (const [name, own] of [
    ["..1", port],
    ["..2", next],
  ] as const) {
    mkdirSync(path.join(folder, name), { mode: 0o700 });
    const fields = text.replace(/port = \d+/, `port = ${own}`);
    writeFileSync(path.join(folder, name, "config"), fields, { mode: 0o600 });
  }
  execFileSync("ln", ["-sfn", "..1", path.join(folder, "..data")]);
  execFileSync("ln", ["-sf", "..data/config", path.join(folder, "config")]);
  await home.start();
  await until("the first port is served", () => isServed(port));
  execFileSync("ln", ["-s", "..2", path.join(folder, "..next")]);
  execFileSync("mv", ["-T", path.join(folder, "..next"), path.join(folder, "..data")]);
  const swappedAt = Date.now();
  await until("the second port is served", () => isServed(next));
  const tookMs = Date.now() - swappedAt;
  assert.ok(tookMs < 6_000, `it took ${tookMs} ms`);
  assert.equal(readlinkSync(path.join(folder, "config")), "..data/config");
});
