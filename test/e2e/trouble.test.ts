/** What a BMC does when its vCenter is wrong, away or hanging: it stays, answers in time, and one log line says why. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { readPowerStatus } from "../../src/protocol/client/chassis.js";
import { type ClientSession, openClientSession } from "../../src/protocol/client/clientSession.js";
import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { until } from "../support/patience.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };
const bmcPassword = "bMc-Secret";
const nodeBusy = 0xc0;
const notPresent = 0xcb;
/** The bound that the issue gives, and slack for a loaded machine. */
const answerTimeoutMs = 2_000;

let daemon: Daemon;
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: [{ name: "vm-01" }], tls: true, ...account });
  daemon = await startDaemon("[log]\ndebug = true\n");
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

async function addBmc(name: string, viserver: string, password = account.password): Promise<number> {
  const port = await freeUdpPort();
  const where = ["--viserver", viserver, "--viserver-username", account.username, "--viserver-password", password];
  const added = await daemon.vbmc("add", name, "--port", String(port), "--password", bmcPassword, ...where);
  assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
  assert.deepEqual(await daemon.vbmc("start", name), { code: 0, stdout: "", stderr: "" });
  return port;
}

const powerStatus = { netFn: 0x00, command: 0x01 };

function openSession(port: number): Promise<ClientSession> {
  return openClientSession({ host: "127.0.0.1", port, username: "admin", password: bmcPassword, timeoutMs: 5_000 });
}

/** The completion codes of power status, power on and Get Device ID, each within the bound. */
async function codesOf(port: number): Promise<number[]> {
  const session = await openSession(port);
  try {
    const codes = [];
    for (const request of [powerStatus, { netFn: 0x00, command: 0x02, data: [1] }, { netFn: 0x06, command: 0x01 }]) {
      const startedAt = performance.now();
      codes.push((await session.request(request)).completionCode);
      assert.ok(performance.now() - startedAt < answerTimeoutMs, `command ${request.command} was answered in time`);
    }
    return codes;
  } finally {
    await session.close();
  }
}

const host = (): string => new URL(simulator.url).host;

describe("trouble with vCenter", () => {
  test("a wrong vCenter password: node busy, and a log line that says which account", async () => {
    const port = await addBmc("wrong-password", host(), "n0t-the-Secret");
    await daemon.logged("refuses the login of vbmc@vsphere.local: check user name and password");
    assert.deepEqual(await codesOf(port), [nodeBusy, nodeBusy, 0]);
  });

  test("an unknown VM: not present, and a log line that names VM, account and host", async () => {
    const port = await addBmc("no-such-vm", host());
    await daemon.logged(`no VM named no-such-vm is visible to vbmc@vsphere.local on ${host()}`);
    assert.deepEqual(await codesOf(port), [notPresent, notPresent, 0]);
  });

  test("an unreachable vCenter: node busy, and a log line that names host and port", async () => {
    const closed = await freeTcpPort();
    const port = await addBmc("unreachable", `127.0.0.1:${closed}`);
    await daemon.logged(`cannot reach 127.0.0.1 port ${closed}: ECONNREFUSED`);
    assert.deepEqual(await codesOf(port), [nodeBusy, nodeBusy, 0]);
  });

  test("a vCenter that goes away and comes back: never an old state as new, and true again by itself", async () => {
    const port = await addBmc("vm-01", host());
    await daemon.logged("connected to vCenter");
    const session = await openSession(port);
    // The first state is on its way.
    await until("completion code 0", async () => (await session.request(powerStatus)).completionCode === 0);
    assert.equal(await readPowerStatus(session), "off");
    simulator.rules.add({ misbehaviour: { kind: "unavailable" } });
    simulator.sessions.expireAll();
    await daemon.logged("answered HTTP 503 without a SOAP envelope");
    // The link's news has one process further to go than its log line.
    await until("completion code C0h", async () => (await session.request(powerStatus)).completionCode === nodeBusy);
    simulator.rules.clear();
    // The next try of the link is not more than two seconds away.
    await until("completion code 0", async () => (await session.request(powerStatus)).completionCode === 0);
    await session.close();
  });

  test("no password has been written to the log or told by a command", async () => {
    const shown = await daemon.vbmc("show", "vm-01", "--long");
    const failed = await daemon.vbmc("--debug", "-v", "add", "vm-01", "--password", bmcPassword);
    assert.equal(failed.code, 1);
    const text = [daemon.log(), shown.stdout, failed.stdout, failed.stderr].join("\n");
    for (const secret of [account.password, bmcPassword, "n0t-the-Secret"]) {
      assert.ok(!text.includes(secret), `${secret} is in ${text.slice(Math.max(text.indexOf(secret) - 200, 0))}`);
    }
  });
});
