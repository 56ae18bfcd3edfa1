/** A VM that does not dial the concentrator again by itself, as ESXi need not: its serial port is connected again in vSphere. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { networkSerialPort, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const account = { username: "administrator@vsphere.local", password: "simulated" };
let simulator: Simulator;
let daemon: Daemon;
let consolePort: number;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 1, tls: true, ...account });
  consolePort = await freeTcpPort();
  daemon = await startDaemon(`[console]\nlisten = 127.0.0.1:${consolePort}\n`);
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

test("a console that was lost while its VM went on comes back by itself", async () => {
  const added = await daemon.vbmc(
    ...["add", "vm-01", "--address", "127.0.0.1", "--port", String(await freeUdpPort())],
    ...["--viserver", `127.0.0.1:${simulator.port}`],
    ...["--viserver-username", account.username, "--viserver-password", account.password],
  );
  assert.equal(added.code, 0, added.stderr);
  const started = await daemon.vbmc("start", "vm-01");
  assert.equal(started.code, 0, started.stderr);
  const token = (await readFile(path.join(daemon.home, ".vbmc", "vm-01", "console-token"), "utf8")).trim();
  const vm = [...simulator.inventory.vms.values()][0]!;
  vm.devices = [...vm.devices, networkSerialPort(`vbmc:vm-01?token=${token}`, `telnet://127.0.0.1:${consolePort}`)];
  Object.assign(simulator.behaviour, { serialRetryMs: Infinity, firewallRuleSets: new Set() });
  const statusOf = (): unknown => vm.devices.at(-1)?.connectable?.status;
  const lost = new Promise<void>((resolve) => {
    const stop = simulator.inventory.objects.onChange(() => {
      if (statusOf() === "recoverableError") {
        stop();
        resolve();
      }
    });
  });
  simulator.switchTo(vm, "poweredOn");
  await lost;
  simulator.behaviour.firewallRuleSets = new Set(["vSPC"]);
  await daemon.logged("reconnecting its serial port");
  await daemon.logged("the VM's serial port is connected from 127.0.0.1");
  assert.equal(statusOf(), "ok");
});
