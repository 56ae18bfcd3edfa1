/** `vbmc add`: where secrets come from, and what ends up in the BMC's file. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { defined } from "../../src/base/defined.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const vbmc = inRepository("bin/vbmc.js");
const secret = ` l3ading & <trailing> "blanks' ] ; # % = ü `;
const silence: Outcome = { code: 0, stdout: "", stderr: "" };
let daemon: Daemon;
let count = 0;

before(async () => {
  daemon = await startDaemon();
});
after(() => daemon.close());

interface Added {
  readonly outcome: Outcome;
  /** Key to value as Python's configparser reads the file. */
  readonly values: Readonly<Record<string, string>>;
}

async function add(
  args: readonly string[],
  { input, env }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Added> {
  const name = `vm${++count}`;
  const port = String(await freeUdpPort());
  const options = defined({ env: { ...daemon.env, ...env }, input });
  const outcome = await run(process.execPath, [vbmc, "add", name, "--port", port, ...args], options);
  return { outcome, values: await valuesOf(name) };
}

async function valuesOf(name: string): Promise<Record<string, string>> {
  const file = path.join(daemon.home, ".vbmc", name, "config");
  const script =
    "import configparser,json,sys; c=configparser.ConfigParser(); c.read(sys.argv[1]); " +
    "print(json.dumps(dict(c['VirtualBMC']) if 'VirtualBMC' in c else {}))";
  const { stdout } = await run("python3", ["-c", script, file]);
  return JSON.parse(stdout) as Record<string, string>;
}

const account = ["--viserver", "vc.example.com", "--viserver-username", "vbmc@vsphere.local"];

function secretFile(content: string): string {
  const file = path.join(mkdtempSync(path.join(daemon.home, "secret-")), "password");
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

test("--viserver-password-file takes the first line of the file, blanks included", async () => {
  const { outcome, values } = await add([...account, "--viserver-password-file", secretFile(`${secret}\r\nmore\n`)]);
  assert.deepEqual(outcome, silence);
  assert.equal(values["viserver_password"], secret);
});

test("--viserver-password-file - reads standard input", async () => {
  const { outcome, values } = await add([...account, "--viserver-password-file", "-"], { input: `${secret}\n` });
  assert.deepEqual(outcome, silence);
  assert.equal(values["viserver_password"], secret);
});

test("VBMC_VISERVER_PASSWORD is taken when no option says more, and only for a user name", async () => {
  const env = { VBMC_VISERVER_PASSWORD: secret };
  assert.equal((await add(account, { env })).values["viserver_password"], secret);
  assert.equal((await add([...account, "--viserver-password", "given"], { env })).values["viserver_password"], "given");
  const without = await add([], { env });
  assert.deepEqual([without.outcome, without.values["viserver_password"]], [silence, undefined]);
});

test("an empty password file, one that is not there, and two sources are refused in one line", async () => {
  for (const [args, code, text] of [
    [["--viserver-password-file", secretFile("\n")], 1, /-file: \S+ has nothing on its first line\n$/],
    [
      ["--viserver-password-file", "/no/such"],
      1,
      /^--viserver-password-file: \/no\/such cannot be read: ENOENT[^\n]*\n$/,
    ],
    [["--viserver-password-file", "/x", "--viserver-password", "y"], 2, /give only one of them\n$/],
    [[], 1, /^A password and username are required to use VI Server authentication\n$/],
  ] as const) {
    const { outcome, values } = await add([...account, ...args]);
    assert.equal(outcome.code, code);
    assert.match(outcome.stderr, text);
    assert.deepEqual(values, {});
  }
});

test(
  "on a terminal the password is asked for and not shown",
  { skip: peer("bsdutils", () => isCommand("script")).skip },
  async () => {
    const port = String(await freeUdpPort());
    const command = [process.execPath, vbmc, "add", "prompted", "--port", port, ...account].join(" ");
    const terminal = spawn("script", ["-qec", command, "/dev/null"], { env: daemon.env });
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      if (shown.endsWith("Password of vbmc@vsphere.local at vc.example.com: ")) {
        terminal.stdin.write(`typed & ${secret}\n`);
      }
    });
    const [code] = (await once(terminal, "close")) as [number];
    assert.equal(code, 0, shown);
    assert.ok(!shown.includes("typed"), shown);
    assert.equal((await valuesOf("prompted"))["viserver_password"], `typed & ${secret}`);
  },
);

test("kg and the TLS policy of the viserver reach the file", async () => {
  const pin = "AB:".repeat(31) + "AB";
  const caFile = secretFile("-----BEGIN CERTIFICATE-----\n");
  const { outcome, values } = await add([
    ...[...account, "--viserver-password", "p", "--kg", `0x${"ab".repeat(20)}`],
    ...["--viserver-thumbprint", pin, "--viserver-cafile", path.relative(process.cwd(), caFile)],
  ]);
  assert.deepEqual(outcome, silence);
  const { kg, viserver_thumbprint: thumbprint, viserver_cafile: cafile, viserver_insecure: insecure } = values;
  assert.deepEqual([kg, thumbprint, cafile, insecure], [`0x${"ab".repeat(20)}`, pin, caFile, undefined]);
  assert.equal(
    (await add([...account, "--viserver-password", "p", "--viserver-insecure"])).values["viserver_insecure"],
    "True",
  );
});

test("a certificate file that cannot be read, and a mistake that the daemon would find, are refused in one line", async () => {
  for (const [args, text] of [
    [["--viserver-cafile", "/no/such.pem"], /^cannot read --viserver-cafile: ENOENT[^\n]*\n$/],
    [["--kg", "x".repeat(21)], /^kg must be up to 20 bytes [^\n]*; nothing was added\n$/],
  ] as const) {
    const { outcome, values } = await add(args);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, text);
    assert.deepEqual(values, {});
  }
});

test("a password among the arguments is not seen in ps once vbmc runs", async () => {
  const child = spawn(
    process.execPath,
    [vbmc, "add", "seen", ...account, "--viserver-password-file", "-", "--password", "P4ss"],
    {
      env: daemon.env,
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  const shown = (): string => readFileSync(`/proc/${child.pid ?? 0}/cmdline`, "latin1");
  // It is loading its code, and then waits for standard input.
  await until("vbmc has its title", () => shown().startsWith("vbmc\0"));
  assert.ok(!shown().includes("P4ss"), shown());
  child.stdin.end("x\n");
  await once(child, "close");
});
