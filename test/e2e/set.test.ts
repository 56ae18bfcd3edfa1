/** `vbmc set`, `start --all`, `stop --all` and `list --long` on a running daemon (issue G). */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { defined } from "../../src/base/defined.js";
import { readPowerStatus } from "../../src/protocol/client/chassis.js";
import { openClientSession } from "../../src/protocol/client/clientSession.js";
import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { until } from "../support/patience.js";
import { freeUdpPort } from "../support/ports.js";
import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };
const ok: Outcome = { code: 0, stdout: "", stderr: "" };

let daemon: Daemon;
let simulator: Simulator;
let added: string[] = [];

before(async () => {
  simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    vms: [{ name: "lab-01", powerState: "poweredOn" }, { name: "lab-02" }, { name: "squatted" }],
    tls: true,
    ...account,
  });
  daemon = await startDaemon();
});
afterEach(async () => {
  await daemon.vbmc("delete", ...added);
  added = [];
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

async function addBmc(name: string, password = account.password): Promise<number> {
  const port = await freeUdpPort();
  const viserver = ["--viserver", `127.0.0.1:${simulator.port}`, "--viserver-username", account.username];
  const bmc = ["--address", "127.0.0.1", "--port", String(port), "--password", "secret"];
  assert.deepEqual(await daemon.vbmc("add", name, ...bmc, ...viserver, "--viserver-password", password), ok);
  added.push(name);
  return port;
}

async function powerOf(port: number, password: string, username = "admin", kg?: Buffer): Promise<string> {
  const session = await openClientSession(defined({ host: "127.0.0.1", port, username, password, kg }));
  try {
    return await readPowerStatus(session);
  } finally {
    await session.close();
  }
}

function fileOf(name: string): string {
  return path.join(daemon.home, ".vbmc", name, "config");
}

describe("vbmc set", () => {
  test("moves a running BMC to another port and password: it answers there when the command is back", async () => {
    const before = await addBmc("lab-01");
    assert.deepEqual(await daemon.vbmc("start", "lab-01"), ok);
    const port = await freeUdpPort();
    assert.deepEqual(await daemon.vbmc("set", "lab-01", "--port", String(port), "--password", "new%pass"), ok);
    assert.equal(await powerOf(port, "new%pass"), "on");
    const socket = createSocket("udp4").bind(before, "127.0.0.1");
    await once(socket, "listening");
    socket.close();
  });

  test("leaves a stopped BMC stopped, and keeps keys that it does not know", async () => {
    const port = await addBmc("lab-01");
    await writeFile(fileOf("lab-01"), `${(await readFile(fileOf("lab-01"), "utf8")).trimEnd()}\nfuture = 1\n\n`);
    assert.deepEqual(await daemon.vbmc("set", "lab-01", "--username", "operator"), ok);
    const text = await readFile(fileOf("lab-01"), "utf8");
    assert.match(text, /^username = operator$/m);
    assert.match(text, /^future = 1$/m);
    assert.match(text, new RegExp(`^port = ${port}$`, "m"));
    assert.match(text, /^active = False$/m);
  });

  test("every other property, and '' takes an optional one away", async () => {
    await addBmc("lab-01");
    const pem = path.join(daemon.home, "ca.pem");
    await writeFile(pem, "");
    const uuid = "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3";
    const changes = {
      "--address": "127.0.0.2",
      "--fakemac": "02-00-00-AA-bb-01",
      "--vm-uuid": uuid,
      "--kg": "0x00112233445566778899aabbccddeeff00112233",
      "--viserver": "[::1]:8443",
      "--viserver-username": "other",
      "--viserver-password": "another-Secret",
      "--viserver-thumbprint": "ab:".repeat(31).concat("cd"),
      "--viserver-cafile": pem,
      "--redfish-port": "8443",
    };
    assert.deepEqual(await daemon.vbmc("set", "lab-01", ...Object.entries(changes).flat()), ok);
    const text = await readFile(fileOf("lab-01"), "utf8");
    for (const [option, value] of Object.entries(changes)) {
      const key = option.replace("--", "").replaceAll("-", "_");
      const written = option === "--fakemac" ? "02:00:00:AA:bb:01" : value;
      assert.ok(text.includes(`\n${key} = ${written}\n`), `${key} is written`);
    }
    const gone = ["--vm-uuid", "--kg", "--viserver-thumbprint", "--viserver-cafile", "--fakemac", "--redfish-port"];
    assert.deepEqual(await daemon.vbmc("set", "lab-01", ...gone.flatMap((option) => [option, ""])), ok);
    const after = await readFile(fileOf("lab-01"), "utf8");
    assert.doesNotMatch(after, /vm_uuid|kg|thumbprint|cafile|redfish/);
    assert.match(after, /^fakemac = 02:00:00:[0-9a-f:]{8}$/m);
    assert.deepEqual(await daemon.vbmc("set", "lab-01", "--viserver-insecure"), ok);
    assert.match(await readFile(fileOf("lab-01"), "utf8"), /^viserver_insecure = True$/m);
    assert.deepEqual(await daemon.vbmc("set", "lab-01", "--no-viserver-insecure"), ok);
    assert.doesNotMatch(await readFile(fileOf("lab-01"), "utf8"), /insecure/);
  });

  test("secrets from files, standard input and the environment", async () => {
    const port = await addBmc("lab-01");
    await daemon.vbmc("start", "lab-01");
    const file = path.join(daemon.home, "secret");
    await writeFile(file, "from a file\nsecond line\n");
    assert.deepEqual(await daemon.vbmc("set", "lab-01", "--password-file", file), ok);
    assert.equal(await powerOf(port, "from a file"), "on");
    const bin = inRepository("bin/vbmc.js");
    const env = { ...daemon.env, LAB_PASSWORD: "from env", LAB_KG: "the key" };
    const viaEnv = ["set", "lab-01", "--password-env", "LAB_PASSWORD", "--kg-env", "LAB_KG"];
    assert.deepEqual(await run(process.execPath, [bin, ...viaEnv], { env }), ok);
    assert.equal(await powerOf(port, "from env", "admin", Buffer.from("the key".padEnd(20, "\0"))), "on");
    const viaInput = ["set", "lab-01", "--password-file", "-", "--kg", ""];
    assert.deepEqual(await run(process.execPath, [bin, ...viaInput], { env, input: "piped\n" }), ok);
    assert.equal(await powerOf(port, "piped"), "on");
    const both = await daemon.vbmc("set", "lab-01", "--password", "x", "--password-file", file);
    assert.equal(both.stderr, "--password and --password-file: give only one of them\n");
    const unset = await daemon.vbmc("set", "lab-01", "--password-env", "NO_SUCH_VARIABLE");
    assert.equal(unset.stderr, "--password-env: the environment variable NO_SUCH_VARIABLE is not set\n");
  });

  test("refuses what add refuses, and changes nothing", async () => {
    await addBmc("lab-01");
    const other = await addBmc("lab-02");
    const before = await readFile(fileOf("lab-01"), "utf8");
    for (const [options, stderr] of [
      [["--port", "0"], "(1): port must be a number from 1 to 65535; nothing was changed\n"],
      [["--address", "no where"], "(1): address must be an IPv4 or IPv6 address or a host name; nothing was changed\n"],
      [["--password", "x".repeat(21)], "(1): password must not be longer than 20 bytes; nothing was changed\n"],
      [["--username", ""], "(1): username must not be empty; nothing was changed\n"],
      [
        ["--viserver-password", ""],
        "(1): A password and username are required to use VI Server authentication; nothing was changed\n",
      ],
      [["--port", String(other)], `(1): Address 127.0.0.1 port ${other} is already configured for lab-02\n`],
    ] as const) {
      assert.deepEqual(await daemon.vbmc("set", "lab-01", ...options), { code: 1, stdout: "", stderr });
    }
    assert.equal(await readFile(fileOf("lab-01"), "utf8"), before);
    const none = await daemon.vbmc("set", "lab-01");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /vbmc set: error: nothing to change: give at least one option\n$/);
    assert.equal(
      (await daemon.vbmc("set", "absent", "--port", "1")).stderr,
      "(1): No VM with matching name absent was found\n",
    );
  });

  test("to a port that another program has is written, and exit code 1 with the reason", async () => {
    await addBmc("lab-01");
    await daemon.vbmc("start", "lab-01");
    const squatter = createSocket("udp4").bind(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address();
    const { code, stderr } = await daemon.vbmc("set", "lab-01", "--port", String(port));
    squatter.close();
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`^\\(1\\): the change is written, but lab-01 does not listen on 127.0.0.1 port ${port}: .*in use`),
    );
  });
});

test("start --all and stop --all; list --long says why a BMC is in error", async () => {
  await addBmc("lab-01");
  await addBmc("lab-02", "wrong");
  const squatted = await addBmc("squatted");
  const squatter = createSocket("udp4").bind(squatted, "127.0.0.1");
  await once(squatter, "listening");
  const started = await daemon.vbmc("start", "--all");
  assert.equal(started.code, 1);
  assert.match(
    started.stderr,
    new RegExp(`^\\(1\\): squatted does not listen on 127.0.0.1 port ${squatted}: .*in use[^\\n]*\\n$`),
  );
  const list = async (): Promise<Record<string, unknown>[]> => {
    const { stdout } = await daemon.vbmc("list", "--long", "-f", "json");
    return JSON.parse(stdout) as Record<string, unknown>[];
  };
  const rows = await until("both are told about", async () => {
    const shown = await list();
    return shown[0]?.["Power"] === "poweredOn" && shown[1]?.["vCenter"] === "loginFailed" && shown;
  });
  squatter.close();
  const [first, second, third] = rows;
  assert.deepEqual(
    [first?.["Status"], first?.["Power"], first?.["vCenter"], first?.["Reason"]],
    ["running", "poweredOn", "connected", null],
  );
  assert.deepEqual([second?.["Status"], second?.["Power"], second?.["vCenter"]], ["running", "unknown", "loginFailed"]);
  assert.match(String(second?.["Reason"]), /refuses the login of vbmc@vsphere.local/);
  assert.match(String(third?.["Reason"]), /in use/);
  assert.deepEqual(await daemon.vbmc("stop", "--all"), ok);
  assert.deepEqual(
    (await list()).map(({ Status, Power, vCenter, Reason }) => [Status, Power, vCenter, Reason]),
    Array.from({ length: 3 }, () => ["down", null, null, null]),
  );
  const { code, stderr } = await daemon.vbmc("stop", "--all", "lab-01");
  assert.equal(code, 2);
  assert.match(stderr, /vbmc stop: error: argument --all: not allowed with vm_names\n$/);
});
