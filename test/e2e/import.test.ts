/** `vbmc import`, `export` and `add --from-stdin` on a running daemon (issue G). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { freeUdpPort } from "../support/ports.js";
import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const ok: Outcome = { code: 0, stdout: "", stderr: "" };
const bin = inRepository("bin/vbmc.js");

let daemon: Daemon;

before(async () => {
  daemon = await startDaemon();
});
after(async () => {
  await daemon.close();
});
afterEach(async () => {
  const names = await list();
  if (names.length > 0) {
    await daemon.vbmc("delete", ...names.map(([name]) => name));
  }
});

function vbmc(args: readonly string[], input = ""): Promise<Outcome> {
  return run(process.execPath, [bin, ...args], { env: daemon.env, input });
}

async function list(): Promise<[string, number, string][]> {
  const { stdout } = await daemon.vbmc("list", "-f", "json");
  const rows = JSON.parse(stdout) as { "VM name": string; Port: number; Status: string }[];
  return rows.map((row) => [row["VM name"], row.Port, row.Status]);
}

function fileOf(name: string): Promise<string> {
  return readFile(path.join(daemon.home, ".vbmc", name, "config"), "utf8");
}

test("add --from-stdin counts ports up from --port, around those that are given or taken", async () => {
  assert.deepEqual(await vbmc(["add", "taken", "--port", "7001"]), ok);
  const input = JSON.stringify([{ vm_name: "a" }, { vm_name: "b" }, { vm_name: "c", port: 7000 }, { vm_name: "d" }]);
  assert.deepEqual(await vbmc(["add", "--from-stdin", "--port", "7000", "--address", "127.0.0.1"], input), ok);
  assert.deepEqual(
    (await list()).map(([name, port]) => [name, port]),
    [
      ["a", 7002],
      ["b", 7003],
      ["c", 7000],
      ["d", 7004],
      ["taken", 7001],
    ],
  );
});

test("values of the list go before those of the command line", async () => {
  const csv = "vm_name,username,viserver\nlab-01,own,\nlab-02,,other.example\n";
  const common = ["--username", "common", "--password", "p%s", "--viserver", "vc.example", "--viserver-username", "u"];
  const { code } = await vbmc(["import", "-", ...common, "--viserver-password", "w", "--kg", "key"], csv);
  assert.equal(code, 0);
  const [first, second] = [await fileOf("lab-01"), await fileOf("lab-02")];
  assert.match(first, /^username = own\npassword = p%%s\n/m);
  assert.match(
    first,
    /^viserver = vc.example\nviserver_username = u\nviserver_password = w\nactive = False\nkg = key\n/m,
  );
  assert.match(second, /^username = common\n/m);
  assert.match(second, /^viserver = other.example\n/m);
});

test("a BMC that cannot be added is reported, and the others are added", async () => {
  const file = path.join(daemon.home, "list.json");
  const bmcs = [{ vm_name: "a" }, { vm_name: "x/y" }, { vm_name: "b", address: "no where" }, { vm_name: "a" }];
  await writeFile(file, JSON.stringify(bmcs));
  const { code, stdout, stderr } = await vbmc(["import", file, "-f", "json", "--address", "127.0.0.1"]);
  assert.equal(code, 1);
  assert.equal(stderr, "3 of 4 BMCs were not added or not started\n");
  assert.deepEqual(
    (JSON.parse(stdout) as Record<string, unknown>[]).map(({ Result, Detail }) => [Result, Detail]),
    [
      ["added", null],
      ["failed", "a VM name must not contain a slash"],
      ["failed", "address must be an IPv4 or IPv6 address or a host name"],
      ["failed", 'a is listed twice: give one of the two another "name"'],
    ],
  );
  assert.deepEqual(
    (await list()).map(([name]) => name),
    ["a"],
  );
});

test("--atomic adds none when one cannot be added", async () => {
  const input = JSON.stringify([{ vm_name: "a" }, { vm_name: "b", port: 0 }]);
  const { code, stdout } = await vbmc(["import", "-", "--atomic", "-f", "csv"], input);
  assert.equal(code, 1);
  assert.match(stdout, /"a","::",6230,"skipped","another one failed, and the import is all or nothing"/);
  assert.match(stdout, /"b","::",0,"failed","port must be a number from 1 to 65535"/);
  assert.deepEqual(await list(), []);
  const named = await vbmc(["add", "--from-stdin", "--atomic"], input);
  assert.equal(named.code, 1);
  assert.match(
    named.stderr,
    /^a: another one failed, and the import is all or nothing\nb: port must be a number from 1 to 65535\n$/,
  );
});

test("60 BMCs are added in several requests, and all of them start", async () => {
  const names = Array.from({ length: 60 }, (_, index) => `vm-${String(index).padStart(3, "0")}`);
  // Any free one: those that someone else has fail at the start, so each gets an address of its own.
  const port = await freeUdpPort();
  const entries = names.map((vm_name, index) => ({ vm_name, address: `127.0.1.${index + 1}`, port }));
  assert.deepEqual(await vbmc(["add", "--from-stdin"], JSON.stringify(entries)), ok);
  assert.deepEqual(await vbmc(["start", "--all"]), ok);
  assert.deepEqual(
    await list(),
    names.map((name) => [name, port, "running"]),
  );
});

test("--start starts what was added", async () => {
  const port = await freeUdpPort();
  const { code, stdout } = await vbmc(
    ["import", "-", "--start", "--port", String(port), "--address", "127.0.0.1"],
    "a\n",
  );
  assert.equal(code, 0);
  assert.match(stdout, /added/);
  assert.deepEqual(await list(), [["a", port, "running"]]);
});

describe("export", () => {
  const password = '50% "a,b"\\ ;#';

  test("with passwords, in JSON and CSV, makes the same files again", async () => {
    const port = await freeUdpPort();
    const account = ["--viserver", "vc", "--viserver-username", "u", "--viserver-password", password];
    const own = [
      "--password",
      password,
      "--port",
      String(port),
      "--address",
      "127.0.0.1",
      "--kg",
      "0x" + "ab".repeat(20),
    ];
    assert.deepEqual(await vbmc(["add", "a", ...own, ...account, "--viserver-insecure"]), ok);
    assert.deepEqual(await vbmc(["start", "a"]), ok);
    const before = await fileOf("a");
    assert.match(before, /^active = True$/m);
    for (const format of ["json", "csv"]) {
      const exported = await vbmc(["export", "--with-passwords", "-f", format]);
      assert.equal(exported.code, 0);
      await vbmc(["delete", "a"]);
      assert.equal((await vbmc(["import", "-"], exported.stdout)).code, 0);
      assert.equal(await fileOf("a"), before, format);
    }
  });

  test("without passwords holds none, and import asks for one", async () => {
    const account = ["--viserver", "vc", "--viserver-username", "u", "--viserver-password", "vC-s3cret"];
    assert.deepEqual(await vbmc(["add", "a", "--password", "s3cret", "--kg", "k-s3cret", ...account]), ok);
    for (const format of ["json", "csv"]) {
      const { stdout } = await vbmc(["export", "a", "-f", format]);
      assert.ok(!stdout.includes("s3cret"));
      const refused = await vbmc(["import", "-"], stdout);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /^standard input, entry 1: the password is missing: export with --with-passwords/);
    }
    assert.equal((await vbmc(["export", "nope"])).stderr, "(1): No VM with matching name nope was found\n");
  });

  test("one file that cannot be read is reported, and the others are printed", async () => {
    for (const name of ["a", "b"]) {
      const port = String(await freeUdpPort());
      assert.deepEqual(await vbmc(["add", name, "--password", "x", "--port", port]), ok);
    }
    await writeFile(path.join(daemon.home, ".vbmc", "b", "config"), "[VirtualBMC]\nport = x\n");
    const { code, stdout, stderr } = await vbmc(["export", "a", "b"]);
    assert.equal(code, 1);
    assert.match(stderr, /^\(1\): \S+\/b\/config: /);
    assert.deepEqual(
      (JSON.parse(stdout) as { vm_name: string }[]).map(({ vm_name }) => vm_name),
      ["a"],
    );
  });

  test("an empty password is one, and comes back", async () => {
    assert.deepEqual(await vbmc(["add", "a", "--password", ""]), ok);
    const { stdout } = await vbmc(["export", "a", "--with-passwords"]);
    const before = await fileOf("a");
    await vbmc(["delete", "a"]);
    assert.equal((await vbmc(["import", "-"], stdout)).code, 0);
    assert.equal(await fileOf("a"), before);
  });

  test("with passwords over the plain control socket needs show_passwords", async () => {
    const plain = await startDaemon("server_auth = none\n");
    const { code, stderr } = await plain.vbmc("export", "--with-passwords");
    await plain.close();
    assert.equal(code, 1);
    assert.match(stderr, /set show_passwords = true to allow it\n$/);
  });
});

test("import --from-vsbmc takes ~/.vsbmc as it is", async () => {
  const folder = path.join(daemon.home, ".vsbmc", "lab-01");
  await mkdir(folder, { recursive: true });
  const port = await freeUdpPort();
  const text = `[VirtualBMC]\nvm_name = lab-01\nusername = admin\npassword = x\nport = ${port}\naddress = 127.0.0.1\nactive = True\n\n`;
  await writeFile(path.join(folder, "config"), text);
  const { code, stderr } = await vbmc(["import", "--from-vsbmc"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(await daemon.vbmc("start", "lab-01"), ok);
  assert.deepEqual(await list(), [["lab-01", port, "running"]]);
  assert.match(await fileOf("lab-01"), /^password = x$/m);
  assert.match(await fileOf("lab-01"), /^active = True$/m);
  assert.match(
    (await vbmc(["import", "--from-vsbmc", path.join(daemon.home, ".vbmc")])).stderr,
    /is the config_dir of vbmcd/,
  );
  const neither = await vbmc(["import"]);
  assert.equal(neither.code, 2);
  assert.match(neither.stderr, /vbmc import: error: give either a file or --from-vsbmc\n$/);
});

test("BMCs whose VMs have one name keep the names of their folders, through import and export", async () => {
  const folder = path.join(daemon.home, "sites");
  const ports = [await freeUdpPort(), await freeUdpPort()];
  for (const [index, name] of ["siteA-esx01", "siteB-esx01"].entries()) {
    const uuid = `4224e8b5-1e2d-3c4b-5a69-78879${index}a5b4c3`;
    const text = `[VirtualBMC]\nvm_name = esx01\nvm_uuid = ${uuid}\nusername = admin\npassword = x\nport = ${ports[index]}\naddress = 127.0.0.1\nactive = False\nrack = 4\n\n`;
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, "config"), text);
  }
  const conf = path.join(daemon.home, ".vsbmc", "vbmc4vsphere.conf");
  await mkdir(path.dirname(conf), { recursive: true });
  await writeFile(conf, "[default]\nshow_passwords = true\nserver_spawn_wait = 3000\n");
  const { code, stderr } = await vbmc(["import", "--from-vsbmc", folder]);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: \[default\] show_passwords = true of \S+ is not imported: add it to \S+ if vbmcd/);
  assert.equal(stderr.split("\n").length, 2);
  const names = ["siteA-esx01", "siteB-esx01"];
  const before = await Promise.all(names.map(fileOf));
  assert.match(before[0] ?? "", /^vm_name = esx01\n/m);
  assert.match(before[1] ?? "", /^rack = 4$/m);
  const byVm = await vbmc(["start", "esx01"]);
  const hint = "a BMC of the VM esx01 is called siteA-esx01 or siteB-esx01";
  assert.equal(byVm.stderr, `(1): No VM with matching name esx01 was found; ${hint}\n`);
  const long = await vbmc(["list", "--long", "-f", "json", "-c", "VM name", "-c", "BMC"]);
  assert.deepEqual(
    JSON.parse(long.stdout),
    names.map((name) => ({ "VM name": "esx01", BMC: name })),
  );
  for (const format of ["json", "csv"]) {
    const exported = await vbmc(["export", "--with-passwords", "-f", format]);
    assert.deepEqual(await vbmc(["delete", ...names]), ok);
    assert.equal((await vbmc(["import", "-"], exported.stdout)).code, 0, format);
    assert.deepEqual(await Promise.all(names.map(fileOf)), before, format);
  }
  assert.deepEqual(await vbmc(["delete", ...names]), ok);
});

test("a progress bar is drawn on a terminal, and taken away", async () => {
  const command = `${process.execPath} ${bin} import ${path.join(daemon.home, "names")} --port 7100`;
  await writeFile(path.join(daemon.home, "names"), "a\nb\n");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: daemon.env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 0);
  assert.ok(output.includes(`[${"#".repeat(30)}] 2/2 added\r\u001b[K`), output);
});
