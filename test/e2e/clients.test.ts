/** Every client with every cipher suite and authentication type that it speaks, through a daemon as a user runs it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";

import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { type ClientRun, clientRuns, runClient } from "../golden/clients.js";
import { kg } from "../golden/recordedBmc.js";
import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };
const configuration = `[ipmi]
cipher_suites = 0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17
ipmi15_auth = md5, password, none
`;
/** An address of this host for ipmiutil, which knows no other port than 623. */
const address623 = "127.62.3.2";
const isRoot = process.getuid?.() === 0;

let simulator: Simulator;
let daemon: Daemon;
const ports = new Map<string, number>();

async function addBmc(name: string, ...options: string[]): Promise<void> {
  const vcenter = ["--viserver", new URL(simulator.url).host, "--viserver-username", account.username];
  const added = await daemon.vbmc("add", name, ...vcenter, "--viserver-password", account.password, ...options);
  assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
  assert.deepEqual(await daemon.vbmc("start", name), { code: 0, stdout: "", stderr: "" });
}

async function addBmcOnFreePort(name: string, ...options: string[]): Promise<void> {
  const port = await freeUdpPort();
  ports.set(name, port);
  await addBmc(name, "--port", String(port), ...options);
}

before(async () => {
  const vms = ["plain", "with-kg", "on-623", "umlauts"].map((name) => ({ name }));
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms, tls: true, ...account });
  daemon = await startDaemon(configuration);
  await addBmcOnFreePort("plain");
  await addBmcOnFreePort("with-kg", "--kg", kg.toString());
  await addBmcOnFreePort("umlauts", "--username", "größter-Wärte", "--password", "Paßwörter-öffnen1");
  if (isRoot) {
    await addBmc("on-623", "--address", address623, "--port", "623");
  }
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

const pyghmi = (): boolean => spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", "import pyghmi"]).status === 0;

function whySkipped({ program, debianPackage, onlyPort623 }: ClientRun): string | false {
  const isThere = program === "/usr/bin/python3" ? pyghmi : () => isCommand(program);
  return peer(debianPackage, isThere).skip || (onlyPort623 && !isRoot && "only root may bind port 623");
}

describe("clients", () => {
  for (const client of clientRuns) {
    test(`${client.name} gets through`, { skip: whySkipped(client) }, async () => {
      const bmc = client.withKg ? "with-kg" : "plain";
      const [host, port] = client.onlyPort623 ? [address623, 623] : ["127.0.0.1", ports.get(bmc)];
      const outcome = await runClient(client, host, String(port));
      assert.ok(outcome.isThrough, outcome.output);
    });
  }
});

describe("logins", { skip: peer("ipmitool", () => isCommand("ipmitool")).skip }, () => {
  const ipmitool = (bmc: string, ...options: string[]) =>
    run("ipmitool", ["-H", "127.0.0.1", "-p", String(ports.get(bmc)), ...options, "mc", "info"]);

  for (const [bmc, ...key] of [
    ["with-kg"],
    ["with-kg", "-k", "another-key-of-20-by"],
    ["plain", "-k", kg.toString()],
  ]) {
    test(`the BMC ${bmc} refuses ipmitool ${key.join(" ")}`, async () => {
      const outcome = await ipmitool(bmc!, "-I", "lanplus", "-C", "3", "-U", "admin", "-P", "password", ...key);
      assert.notEqual(outcome.code, 0);
    });
  }

  for (const [interfaceName, ...options] of [["lanplus"], ["lanplus", "-C", "3"], ["lan"]]) {
    test(`${interfaceName} ${options.join(" ")}: name and password of 16 and 20 bytes in UTF-8`, async () => {
      const outcome = await ipmitool(
        ...["umlauts", "-I", interfaceName!, ...options, "-U", "größter-Wärte", "-P", "Paßwörter-öffnen1"],
      );
      // IPMI 1.5 knows passwords of 16 bytes only.
      assert.equal(outcome.code === 0, interfaceName === "lanplus", outcome.stderr);
    });
  }
});
