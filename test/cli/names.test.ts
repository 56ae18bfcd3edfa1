/** Every name and every value that a user may type, from `vbmc add` to the file and back, over the CURVE socket. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { createDaemonHome, type DaemonHome } from "../process/daemon/daemonHome.js";
import { until } from "../support/patience.js";
import { freeUdpPort } from "../support/ports.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { vbmc } from "./commandRun.js";

let daemon: DaemonHome;
// Hooks run in this order: the daemon ends before its folder is removed.
after(() => daemon.end());
const root = temporaryFolder();
before(async () => {
  daemon = await createDaemonHome(
    path.join(root, "home"),
    "server_response_timeout = 100000\nbmcs_per_process = 100\n",
  );
  await daemon.start();
  Object.assign(process.env, daemon.env);
});

/** All that there is in HOME and beside it, but for what programs, daemon and BMCs keep for themselves. */
function tree(): string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return files.filter((file) => !/\.(log|journal|code)(\.\d+)?$/.test(file)).sort();
}

const fine = [
  " lead",
  "trail ",
  "\u3000",
  "a b",
  "名前",
  "é",
  "e\u0301",
  "😀",
  "50%",
  "%(vm_name)s",
  "x;y#z",
  "#c",
  ";c",
  "a=b",
  "a:b",
  "[VirtualBMC]",
  "__proto__",
  "constructor",
  "true",
  "null",
  "0",
  "'q'",
  '"d"',
  "a\\b",
  "-",
  "--help",
  "x".repeat(80),
  "名".repeat(80),
  "log",
];

test(`${fine.length} odd names work from add to delete`, async () => {
  const before = tree();
  for (const name of fine) {
    const port = String(await freeUdpPort());
    const { rc, stderr } = await vbmc(["add", "--port", port, "--address", "127.0.0.1", "--", name]);
    assert.deepEqual([rc, stderr], [0, ""], JSON.stringify(name));
    assert.ok(existsSync(daemon.file(name)), JSON.stringify(name));
  }
  assert.deepEqual(await vbmc(["start", "--", ...fine]), { rc: 0, stdout: "", stderr: "" });
  const rows = JSON.parse((await vbmc(["list", "-f", "json"])).stdout) as Record<string, unknown>[];
  const byCodePoint = [...fine].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(
    rows.map((row) => [row["VM name"], row["Status"]]),
    byCodePoint.map((name) => [name, "running"]),
  );
  for (const name of fine) {
    const shown = JSON.parse((await vbmc(["show", "-f", "json", "--", name])).stdout) as Record<string, unknown>[];
    assert.equal(shown.find((row) => row["Property"] === "vm_name")?.["Value"], name);
  }
  assert.deepEqual(await vbmc(["stop", "--", ...fine]), { rc: 0, stdout: "", stderr: "" });
  assert.deepEqual(await vbmc(["delete", "--", ...fine]), { rc: 0, stdout: "", stderr: "" });
  assert.deepEqual(tree(), before);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["", /must not be empty/],
  [".", /must not begin with a dot/],
  ["..", /must not begin with a dot/],
  [".hidden", /must not begin with a dot/],
  ["../x", /must not begin with a dot/],
  ["/abs", /must not contain a slash/],
  ["a/../../x", /must not contain a slash/],
  ["a\nb", /line break|control characters/],
  ["a\tb", /control characters/],
  ["a\u0000b", /line break|control characters/],
  ["a\u007fb", /control characters/],
  ["x".repeat(81), /longer than 80 characters/],
  ["😀".repeat(70), /longer than 255 bytes/],
  ["master.pid", /File exists/],
];

test(`${refused.length} names are refused in one line, and nothing is made or removed anywhere`, async () => {
  const before = tree();
  for (const [name, reason] of refused) {
    const what = JSON.stringify(name);
    const { rc, stdout, stderr } = await vbmc(["add", "--port", "6999", "--", name]);
    assert.deepEqual([rc, stdout], [1, ""], what);
    assert.match(stderr, /^[^\n]+\n$/, what);
    assert.match(stderr, reason, what);
    for (const command of ["show", "delete", "start", "stop"]) {
      const answer = await vbmc([command, "--", name]);
      assert.equal(answer.rc, 1, `${command} ${what}`);
      assert.ok(answer.stderr.includes(`No VM with matching name ${name} was found`), `${command} ${what}`);
    }
  }
  assert.deepEqual(tree(), before);
});

const secret = "p%a's\"s#w;o=r:d\\ ";

test("any character of a password arrives in the file and is read back the same", async () => {
  const port = String(await freeUdpPort());
  const account = [
    "--viserver",
    "[::1]:443",
    "--viserver-username",
    "dom\\user@x;y",
    "--viserver-password",
    ` ${secret}`,
  ];
  const add = ["add", "chars", "--address", "127.0.0.1", "--port", port, "--username", "名前#;%", "--password", secret];
  assert.deepEqual(await vbmc([...add, ...account, "--fakemac", "02-AB-00-cd-00-01"]), {
    rc: 0,
    stdout: "",
    stderr: "",
  });
  const { mode } = statSync(daemon.file("chars"));
  assert.equal(mode & 0o777, 0o600);
  assert.match(readFileSync(daemon.file("chars"), "utf8"), /^fakemac = 02:AB:00:cd:00:01$/m);
  const conf = path.join(daemon.configDir, "virtualbmc.conf");
  const text = readFileSync(conf, "utf8");
  writeFileSync(conf, text.replace("[default]\n", "[default]\nshow_passwords = True\n"));
  process.kill(daemon.pid, "SIGHUP");
  const wanted = {
    username: "名前#;%",
    password: secret,
    viserver_username: "dom\\user@x;y",
    viserver_password: ` ${secret}`,
  };
  let shown: Record<string, unknown> = {};
  await until("passwords are shown", async () => {
    const { stdout } = await vbmc(["show", "chars", "-f", "json"]);
    const rows = JSON.parse(stdout) as { Property: string; Value: unknown }[];
    shown = Object.fromEntries(rows.map(({ Property, Value }) => [Property, Value]));
    return shown["password"] !== "***";
  });
  assert.deepEqual({ ...shown, ...wanted }, shown);
  await vbmc(["delete", "chars"]);
});

const tooLong = "x".repeat(21);
/** Options of add, and what is said of them; keys of the file with the same fault, and what show says. */
const faults: readonly (readonly [readonly string[], RegExp, string, RegExp])[] = [
  [["--port", "0"], /port must be a number from 1 to 65535/, "port = 0", /port must be a number from 1 to 65535/],
  [["--port", "-5"], /port must be a number from 1 to 65535/, "port = -5", /port must be a number/],
  [["--port", "99999"], /port must be a number from 1 to 65535/, "port = 99999", /port must be a number/],
  [
    ["--address", "1.2.3.256"],
    /address must be an IPv4 or IPv6 address or a host name/,
    "address = 1.2.3.256",
    /address must be an/,
  ],
  [["--address", "1.2.3.4.5"], /address must be an IPv4/, "address = 1.2.3.4.5", /address must be an IPv4 or IPv6/],
  [
    ["--fakemac", "zz"],
    /fakemac must be a MAC address such as/,
    "fakemac = zz",
    /fakemac must be a MAC address such as/,
  ],
  [["--vm-uuid", "1234"], /vm-uuid must be a UUID such as/, "vm_uuid = 1234", /vm_uuid must be a UUID such as/],
  [["--username", ""], /username must not be empty/, "username =", /username (is missing|must not be empty)/],
  [
    ["--username", "é".repeat(9)],
    /username must not be longer than 16 bytes/,
    "username = ééééééééé",
    /username must not be longer than 16/,
  ],
  [
    ["--password", tooLong],
    /password must not be longer than 20 bytes/,
    `password = ${tooLong}`,
    /password must not be longer than 20/,
  ],
  [
    ["--viserver-username", "u"],
    /A password and username are required/,
    "viserver_username = u",
    /set both viserver_username and viserver_password/,
  ],
  [
    ["--viserver-password", "u"],
    /A password and username are required/,
    "viserver_password = u",
    /set both viserver_username and viserver_password/,
  ],
];

test("add validates everything before it writes; the same fault in an edited file is this BMC's error", async () => {
  await vbmc(["add", "other", "--port", "6230"]);
  const before = tree();
  for (const [options, reason] of faults) {
    const { rc, stdout, stderr } = await vbmc(["add", "vm1", ...options]);
    assert.deepEqual([rc, stdout], [1, ""], options.join(" "));
    assert.match(stderr, reason);
    assert.match(stderr, /^[^\n]+\n$/, "one line");
    assert.ok(!stderr.includes(tooLong), "no password is shown");
  }
  const { rc, stderr } = await vbmc(["add", "vm1"]);
  assert.deepEqual([rc, stderr], [1, "(1): Address :: port 6230 is already configured for other\n"]);
  assert.deepEqual(tree(), before, "nothing was written");

  for (const [index, [, , line, reason]] of faults.entries()) {
    const name = `edited${index}`;
    const keys = new Map([
      ["username", "u"],
      ["password", "p"],
      ["port", "7000"],
      ["active", "True"],
    ]);
    const [, key = "", value = ""] = /^(\w+) = ?(.*)$/.exec(line) ?? [];
    keys.set(key, value);
    mkdirSync(path.join(daemon.configDir, name), { mode: 0o700 });
    writeFileSync(daemon.file(name), `[VirtualBMC]\n${[...keys].map((pair) => pair.join(" = ")).join("\n")}\n`);
    const shown = await vbmc(["show", name, "-f", "value"]);
    assert.match(shown.stdout, /^status error$/m, line);
    assert.match(shown.stdout, new RegExp(`^reason .*/${name}/config: `, "m"), line);
    assert.match(shown.stdout, reason, line);
    assert.ok(!shown.stdout.includes(tooLong), "no password is shown");
    assert.match((await vbmc(["start", name])).stderr, reason, line);
    assert.equal((await vbmc(["delete", name])).rc, 0, line);
  }
});

test("an address that is not this host's is a warning, and the BMC is added", async () => {
  // TEST-NET-3 (RFC 5737): no host has it.
  const { rc, stderr } = await vbmc(["add", "elsewhere", "--address", "203.0.113.1", "--port", "6231"]);
  assert.deepEqual(
    [rc, stderr],
    [0, "warning: 203.0.113.1 is not an address of this host now; the BMC cannot start until it is\n"],
  );
  const started = await vbmc(["start", "elsewhere"]);
  assert.equal(started.rc, 1);
  assert.match(started.stderr, /^\(1\): elsewhere does not listen on 203\.0\.113\.1 port 6231: .+\n$/);
  assert.equal((await vbmc(["delete", "elsewhere"])).rc, 0);
});
