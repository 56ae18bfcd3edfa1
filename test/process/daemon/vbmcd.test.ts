import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, test } from "node:test";

import { until } from "../../support/patience.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome, type DaemonHome, isAlive, vbmcdScript } from "./daemonHome.js";

const root = temporaryFolder();
const homes: DaemonHome[] = [];
let count = 0;

async function newHome(settings?: string): Promise<DaemonHome> {
  const home = await createDaemonHome(path.join(root, String(count++)), settings);
  homes.push(home);
  return home;
}

afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.end()));
});

/** A daemon in the background, in a home of its own. */
async function startDaemon(settings?: string): Promise<DaemonHome> {
  const home = await newHome(settings);
  await home.start();
  return home;
}

async function bindUdp(port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function isFree(port: number): Promise<boolean> {
  try {
    (await bindUdp(port)).close();
    return true;
  } catch {
    return false;
  }
}

/** pids of the processes whose parent this is. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

describe("options", () => {
  test("--version prints the version on a line of its own, then commit and Node", async () => {
    const { code, stdout } = await (await newHome()).vbmcd("--version");
    const { version } = JSON.parse(readFileSync(path.join(vbmcdScript, "../../package.json"), "utf8")) as {
      version: string;
    };
    const [first, second = "", ...rest] = stdout.split("\n");
    assert.deepEqual([code, first, rest], [0, version, [""]]);
    assert.match(second, new RegExp(`^(commit [0-9a-f]{12}(-dirty)?, )?Node\\.js ${process.versions.node}$`));
  });

  test("-h names all options", async () => {
    const { code, stdout } = await (await newHome()).vbmcd("-h");
    assert.equal(code, 0);
    for (const option of ["--version", "--foreground", "--check-config", "--help"]) {
      assert.ok(stdout.includes(option));
    }
  });

  test("an unknown option is a usage error, rc 2", async () => {
    const { code, stderr } = await (await newHome()).vbmcd("--bogus");
    assert.equal(code, 2);
    assert.match(stderr, /^usage: vbmcd .*\nvbmcd: error: .*--bogus/);
  });

  test("--check-config prints the effective configuration", async () => {
    const home = await newHome("show_passwords = TRUE\n");
    const { code, stdout } = await home.vbmcd("--check-config");
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`server_port = ${home.port}\n`));
    assert.match(stdout, /show_passwords = true\n[^]*\[ipmi\]\nsession_timeout = 60\n/);
  });

  test("a bad value names file and key, rc 1; an unknown key is a warning", async () => {
    const home = await newHome("server_auth = open\ncolour = red\n");
    const { code, stderr } = await home.vbmcd();
    assert.equal(code, 1);
    assert.match(stderr, /virtualbmc\.conf: \[default\] server_auth = open: must be curve or none/);
    home.configure("colour = red\n");
    assert.match(
      (await home.vbmcd("--check-config")).stderr,
      /warning: .*virtualbmc\.conf: \[default\] colour is unknown/,
    );
  });
});

describe("start", () => {
  test("in the background: rc 0 once the control socket answers, streams on /dev/null, pid file 0600", async () => {
    const home = await startDaemon();
    assert.deepEqual(await home.list(), {});
    assert.deepEqual(
      [0, 1, 2].map((fd) => readlinkSync(`/proc/${home.pid}/fd/${fd}`)),
      Array(3).fill("/dev/null"),
    );
    assert.equal(statSync(home.pidFile).mode & 0o777, 0o600);
    assert.equal(statSync(home.logFile).mode & 0o777, 0o600);
  });

  test("a second one is refused, and the first goes on", async () => {
    const home = await startDaemon();
    const { pid } = home;
    const { code, stderr } = await home.vbmcd();
    assert.deepEqual([code, stderr], [1, `server PID #${pid} still running\n`]);
    assert.equal((await home.vbmcd("--foreground")).code, 1);
    assert.equal(home.pid, pid);
    assert.deepEqual(await home.list(), {});
  });

  const unrelated = String(process.ppid);
  for (const [title, text] of [
    ["a dead pid", "4194303"],
    ["garbage", "x\n#"],
    ["an empty file", ""],
    ["an unrelated process", unrelated],
    ["pid 1", "1"],
  ] as const) {
    test(`a pid file with ${title} does not block`, async () => {
      const home = await newHome();
      writeFileSync(home.pidFile, text);
      await home.start();
      assert.ok(isAlive(home.pid));
      assert.notEqual(home.pid, Number(text));
    });
  }

  test("the pid of another daemon, given to it later than the file was written, does not block", async () => {
    const other = await startDaemon();
    const home = await newHome();
    writeFileSync(home.pidFile, String(other.pid));
    execFileSync("touch", ["-d", "2020-01-01", home.pidFile]);
    await home.start();
    assert.notEqual(home.pid, other.pid);
  });

  test("with the port taken it fails with the reason and leaves no pid file", async () => {
    const home = await newHome();
    const server = createServer().listen(home.port, "127.0.0.1");
    await once(server, "listening");
    const { code, stderr } = await home.vbmcd();
    server.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`port ${home.port} .*in use`));
    assert.equal(existsSync(home.pidFile), false);
  });

  test("with a folder that cannot be made it fails with the reason", async () => {
    const home = await newHome("pid_file = /dev/null/x/master.pid\n");
    const { code, stderr } = await home.vbmcd();
    assert.equal(code, 1);
    assert.match(stderr, /\/dev\/null\/x/);
    const other = await newHome("config_dir = /dev/null/y\n");
    assert.equal((await other.vbmcd()).code, 1);
  });

  test("a missing config_dir is made", async () => {
    const folder = path.join(root, "made", "deep");
    const home = await startDaemon(`server_auth = none\nconfig_dir = ${folder}\n`);
    assert.deepEqual(await home.list(), {});
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });
});

describe("commands", () => {
  test("add, start, stop and delete: start answers when the BMC listens, stop when it does not", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1");
    assert.deepEqual(await home.list(), { vm1: "down" });
    assert.deepEqual(await home.command("start", "vm1"), { rc: 0, msg: [] });
    assert.equal(await isFree(port), false);
    assert.deepEqual(await home.list(), { vm1: "running" });
    assert.deepEqual(await home.command("start", "vm1"), { rc: 0, msg: [] }, "start of a running one");
    assert.deepEqual(await home.command("stop", "vm1"), { rc: 0, msg: [] });
    assert.equal(await isFree(port), true);
    assert.deepEqual(await home.command("stop", "vm1"), { rc: 0, msg: [] }, "stop of a stopped one");
    await home.command("start", "vm1");
    assert.deepEqual(await home.command("delete", "vm1"), { rc: 0, msg: [] });
    assert.equal(await isFree(port), true);
    assert.equal(existsSync(path.join(home.configDir, "vm1")), false);
    assert.deepEqual(await home.list(), {});
  });

  test("show gives the properties of the original, and no password", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1", { viserver: "h", viserver_username: "u", viserver_password: "s3cret" });
    assert.deepEqual(await home.show("vm1"), {
      username: "admin",
      password: "***",
      address: "127.0.0.1",
      port,
      fakemac: "02:00:00:a8:28:2f",
      vm_name: "vm1",
      vm_uuid: null,
      viserver: "h",
      viserver_username: "u",
      viserver_password: "***",
      active: "False",
      status: "down",
    });
  });

  test("show on --long also gives what the original does not know, and keys of ours are kept", async () => {
    const home = await startDaemon();
    await home.add("vm1", { kg: "k3y", viserver_thumbprint: "AB:".repeat(31) + "AB" });
    await home.command("start", "vm1");
    const { kg, viserver_thumbprint, process: pid, power } = await home.show("vm1", true);
    assert.deepEqual([kg, viserver_thumbprint], ["***", "AB:".repeat(31) + "AB"]);
    assert.deepEqual([pid], childrenOf(home.pid));
    assert.match(String(power), /^unknown: no viserver is configured for vm1/);
    assert.match(readFileSync(home.file("vm1"), "utf8"), /^kg = k3y$/m);
  });

  test("show_passwords shows them", async () => {
    const home = await startDaemon("server_auth = none\nshow_passwords = true\n");
    await home.add("vm1");
    const { password, viserver_password: none } = await home.show("vm1");
    assert.deepEqual([password, none], ["pa55word", null]);
  });

  test("unknown names get the texts of the original in the order given; the known are done", async () => {
    const home = await startDaemon();
    await home.add("vm1");
    const text = (name: string) => `No VM with matching name ${name} was found`;
    assert.deepEqual(await home.command("start", "z", "vm1", "a", ".."), {
      rc: 1,
      msg: [text("z"), text("a"), text("..")],
    });
    assert.deepEqual(await home.list(), { vm1: "running" });
    assert.deepEqual(await home.command("stop", "nope"), { rc: 1, msg: [text("nope")] });
    for (const name of ["nope", "", ".", "..", "../x", "/"]) {
      assert.deepEqual(await home.command("delete", name), { rc: 1, msg: [`Command failed: ${text(name)}`] });
    }
    assert.deepEqual(await home.request({ command: "show", vm_name: "nope" }), {
      rc: 1,
      msg: [`Command failed: ${text("nope")}`],
    });
    assert.ok(existsSync(home.home));
  });

  test("add of an existing one, of one outside, with bad values, and on a port that another has, is refused", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1");
    const refusals: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
      ["vm1", {}, /^\[Errno 17\] File exists: '.*\/vm1'$/],
      ["../x", {}, /must not contain a slash|begin with a dot/],
      ["x", { port: 0 }, /^port must be a number from 1 to 65535$/],
      ["x", { port: 99999 }, /^port must be a number from 1 to 65535/],
      ["x", { fakemac: "zz" }, /^fakemac must be a MAC address/],
      [
        "x",
        { port, address: "127.0.0.1" },
        new RegExp(`^Address 127.0.0.1 port ${port} is already configured for vm1$`),
      ],
    ];
    for (const [name, changes, message] of refusals) {
      await assert.rejects(home.add(name, changes), { message });
    }
    await home.add("vm2", { port, address: "::1" });
    await assert.rejects(home.add("vm3", { port, address: "0:0::1" }), { message: /already configured for vm2/ });
    for (const [address, owner] of [
      ["::", "vm[12]"],
      ["0.0.0.0", "vm1"],
    ] as const) {
      const message = new RegExp(`^Address ${address} port ${port} conflicts with address \\S+ of ${owner}`);
      await assert.rejects(home.add("vm3", { port, address }), { message });
    }
    assert.deepEqual(Object.keys(await home.list()).sort(), ["vm1", "vm2"]);
    await home.command("delete", "vm1");
    await home.add("vm3", { port, address: "0.0.0.0" });
    await assert.rejects(home.add("vm1", { port, address: "127.0.0.1" }), { message: /address 0\.0\.0\.0 of vm3/ });
  });

  test("two adds for the same port at the same time: one is refused", async () => {
    const home = await startDaemon();
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => home.add(name, { port: 1234 })));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("start of a BMC whose port is taken says address, port and reason; it stays active and recovers", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1");
    const holder = await bindUdp(port);
    const { rc, msg = [] } = await home.command("start", "vm1");
    assert.equal(rc, 1);
    assert.match(msg[0] ?? "", new RegExp(`^vm1 does not listen on 127.0.0.1 port ${port}: .*in use`));
    assert.deepEqual(await home.list(), { vm1: "error" });
    const { active, reason } = await home.show("vm1");
    assert.equal(active, "True");
    assert.match(String(reason), /in use/);
    holder.close();
    await until("vm1 runs", async () => (await home.list())["vm1"] === "running");
  });

  test("one broken file is one BMC in error, whatever is asked", async () => {
    const home = await startDaemon();
    await home.add("vm1");
    await home.add("vm2");
    writeFileSync(home.file("vm2"), "");
    assert.deepEqual(await home.list(), { vm1: "down", vm2: "error" });
    assert.match(String((await home.show("vm2"))["reason"]), /vm2\/config: section \[VirtualBMC\] is missing/);
    const { rc, msg = [] } = await home.command("start", "vm2", "vm1");
    assert.equal(rc, 1);
    assert.match(msg.join(), /^[^,]*vm2\/config: section \[VirtualBMC\] is missing$/);
    assert.deepEqual(await home.list(), { vm1: "running", vm2: "error" });
    assert.deepEqual(await home.command("delete", "vm2"), { rc: 0, msg: [] });
  });

  test("twenty at once are all served", async () => {
    const home = await startDaemon();
    const names = Array.from({ length: 20 }, (_, index) => `vm${index}`);
    for (const name of names) {
      await home.add(name);
    }
    assert.deepEqual(await home.command("start", ...names), { rc: 0, msg: [] });
    const startedAt = Date.now();
    await home.end();
    assert.ok(Date.now() - startedAt < 3000, "they end within 3 s");
  });
});

describe("synchronised with the files", () => {
  test("active, port and folder edited by hand are applied within seconds, under constant requests too", async () => {
    const home = await startDaemon();
    const [first] = [await home.add("vm1"), await home.add("vm2")];
    await home.command("start", "vm1");
    let isBusy = true;
    const busy = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (isBusy) {
          await home.list();
        }
      }),
    );
    home.edit("vm2", /active = False/, "active = tRUE");
    await until("vm2 runs", async () => (await home.list())["vm2"] === "running");
    const holder = await bindUdp(0);
    const { port } = holder.address();
    holder.close();
    home.edit("vm1", /port = \d+/, `port = ${port}`);
    await until("vm1 has moved", async () => !(await isFree(port)) && (await isFree(first)));
    home.edit("vm2", /active = tRUE/, "active = yes");
    await until("vm2 is down", async () => (await home.list())["vm2"] === "down");
    rmSync(path.join(home.configDir, "vm1"), { recursive: true });
    await until("vm1 is gone", () => isFree(port));
    isBusy = false;
    await busy;
  });
});

describe("signals and deaths", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} ends children, removes the pid file and exits 0; active BMCs resume at the next start`, async () => {
      const home = await newHome();
      const daemon = spawn(process.execPath, [vbmcdScript, "--foreground"], { env: home.env, stdio: "ignore" });
      const exited = once(daemon, "exit");
      await until("the daemon is up", () => existsSync(home.pidFile));
      const port = await home.add("vm1");
      await home.command("start", "vm1");
      daemon.kill(signal);
      assert.deepEqual(await exited, [0, null]);
      assert.equal(existsSync(home.pidFile), false);
      assert.equal(await isFree(port), true);
      assert.match(readFileSync(home.file("vm1"), "utf8"), /active = True/);
      await home.start();
      await until("vm1 runs again", async () => (await home.list())["vm1"] === "running");
    });
  }

  test("SIGKILL leaves no orphan, and the next daemon starts cleanly", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1", {
      viserver: "127.0.0.1:1",
      viserver_username: "u",
      viserver_password: "s3cret",
    });
    await home.command("start", "vm1");
    const children = childrenOf(home.pid);
    assert.equal(children.length, 2, "a BMC child and a link");
    process.kill(home.pid, "SIGKILL");
    await until("the children are gone", () => !children.some(isAlive));
    assert.equal(await isFree(port), true);
    await home.start();
    await until("vm1 runs again", async () => (await home.list())["vm1"] === "running");
    assert.doesNotMatch(home.log, /s3cret|pa55word/);
  });

  test("a child that is killed is back within 3 s", async () => {
    const home = await startDaemon();
    await home.add("vm1");
    await home.command("start", "vm1");
    const [pid = 0] = childrenOf(home.pid);
    process.kill(pid, "SIGKILL");
    await until("its end is seen", async () => (await home.list())["vm1"] === "error");
    const startedAt = Date.now();
    await until("it is back", async () => (await home.list())["vm1"] === "running");
    assert.ok(Date.now() - startedAt < 3000);
    assert.notEqual(childrenOf(home.pid)[0], pid);
  });

  test("SIGHUP reopens the log and reads the configuration again; a bad one changes nothing", async () => {
    const home = await startDaemon();
    const port = await home.add("vm1");
    await home.command("start", "vm1");
    const client = await bindUdp(0);
    /** A cut datagram, which is worth a debug line, then an ASF presence ping; resolves with the pong. */
    const disturb = async () => {
      const pong = once(client, "message");
      client.send(Buffer.from("0600ff07", "hex"), port, "127.0.0.1");
      client.send(Buffer.from("0600ff06000011be80000000", "hex"), port, "127.0.0.1");
      await pong;
    };
    await disturb();
    const [before] = childrenOf(home.pid);
    renameSync(home.logFile, `${home.logFile}.1`);
    home.configure("server_auth = none\nshow_passwords = true\n", true);
    process.kill(home.pid, "SIGHUP");
    await until(
      "the new log is written",
      () => existsSync(home.logFile) && home.log.includes("configuration read again"),
    );
    assert.equal((await home.show("vm1"))["password"], "pa55word");
    assert.equal(childrenOf(home.pid)[0], before, "a BMC whose configuration is the same goes on");
    await disturb();
    client.close();
    await until("the child logs for debugging", () => home.log.includes("datagram dropped"));
    assert.ok(!readFileSync(`${home.logFile}.1`, "utf8").includes("datagram dropped"), "as it did not before");
    home.configure("server_port = x\n");
    process.kill(home.pid, "SIGHUP");
    await until("it is refused", () => home.log.includes("the configuration was not applied"));
    home.configure("server_auth = none\n[console]\nring_size = 64\n");
    process.kill(home.pid, "SIGHUP");
    await until("what needs a restart is named", () =>
      home.log.includes("changes that need a restart of vbmcd: [console]; all others are applied"),
    );
    assert.deepEqual(await home.list(), { vm1: "running" });
  });
});

test("no secret is in the debug log, in arguments or in the environment of any process", async () => {
  const home = await newHome();
  home.configure("server_auth = none\n", true);
  Object.assign(home.env, { VBMC_VISERVER_PASSWORD: "Sekret-0" });
  await home.start();
  const vcenter = { viserver: "127.0.0.1:1", viserver_username: "u", viserver_password: "Sekret-1" };
  await home.add("vm1", { ...vcenter, password: "Sekret-2", kg: "Sekret-3" });
  await home.command("start", "vm1");
  await home.request({ command: "add", vm_name: "vm1", password: "Sekret-4", port: "x" });
  await home.request({ command: "add", vm_name: "vm1", password: "Sekret-5", username: "u", port: 1, address: "::" });
  home.edit("vm1", /password = .*/, "password = Sekret-6 and far too long for IPMI");
  await until("it is in error", async () => (await home.list())["vm1"] === "error");
  await until("the link failed to connect", () => /reconnecting|refused/i.test(home.log));
  const children = childrenOf(home.pid);
  assert.ok(children.length > 0);
  const shown = [home.pid, ...children].flatMap((pid) => [readFileSync(`/proc/${pid}/cmdline`, "utf8")]);
  const environments = children.map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
  const kg = Buffer.from("Sekret").toString("hex");
  for (const text of [home.log, JSON.stringify(await home.show("vm1", true)), ...shown, ...environments]) {
    assert.doesNotMatch(text, new RegExp(`Sekret|${kg}`));
  }
});
