/** Consoles without the concentrator, at simulated VMs: we connect to the host, or the VM connects to a port of its own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { freeLowTcpPort, freeUdpPort } from "../support/ports.js";
import { isCommand } from "../support/programs.js";
import { bin, type Daemon, startDaemon } from "../support/stack.js";
import { openTerminal } from "../support/terminal.js";

const account = { username: "administrator@vsphere.local", password: "simulated" };
const skip = isCommand("script") ? false : "util-linux's script is not installed";
let simulator: Simulator;
let daemon: Daemon;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 5, tls: true, ...account });
  Object.assign(simulator.behaviour, { taskDurationMs: 5, guestBootMs: 200, serialRetryMs: 100 });
  daemon = await startDaemon();
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

/** Where the console is, and the address and direction that the VM's port gets for it. */
const modes = [
  ["vm-01", (port: number) => `tcp://127.0.0.1:${port}`, (port: number) => `tcp://:${port}`, "server"],
  ["vm-02", (port: number) => `tcp-listen://127.0.0.1:${port}`, (port: number) => `tcp://127.0.0.1:${port}`, "client"],
  ["vm-03", (port: number) => `telnet://127.0.0.1:${port}`, (port: number) => `telnet://:${port}`, "server"],
  [
    "vm-04",
    (port: number) => `telnet-listen://127.0.0.1:${port}`,
    (port: number) => `telnet://127.0.0.1:${port}`,
    "client",
  ],
] as const;

for (const [name, consoleAt, serviceUri, direction] of modes) {
  test(
    `${consoleAt(0)}: --setup makes the port, and the console shows the guest, over a power cycle too`,
    { skip },
    async () => {
      const port = await freeLowTcpPort();
      const vbmc = async (...args: string[]): Promise<void> => {
        const { code, stderr } = await daemon.vbmc(...args);
        assert.deepEqual([code, stderr], [0, ""], args.join(" "));
      };
      await vbmc(
        ...["add", name, "--address", "127.0.0.1", "--port", String(await freeUdpPort()), "--console", consoleAt(port)],
        ...["--viserver", `127.0.0.1:${simulator.port}`],
        ...["--viserver-username", account.username, "--viserver-password", account.password],
      );
      await vbmc("start", name);
      await vbmc("console", name, "--setup");
      const vm = [...simulator.inventory.vms.values()].find((each) => each.name === name)!;
      const { fields } = vm.devices.find(({ type }) => type === "VirtualSerialPort")!.backing!;
      assert.deepEqual(fields, { serviceURI: serviceUri(port), direction });
      const terminal = openTerminal(
        ...["env", `HOME=${daemon.home}`, `VIRTUALBMC_CONFIG=${daemon.env["VIRTUALBMC_CONFIG"]}`],
        ...[process.execPath, bin("vbmc"), "console", name],
      );
      await terminal.shows("~. ends");
      /** What the guest writes before anyone has connected to its host is lost: Enter makes it ask again. */
      const loginPrompt = async (): Promise<void> => {
        const asking = setInterval(() => terminal.type("\r"), 500);
        await terminal.shows(`${name} login: `).finally(() => clearInterval(asking));
      };
      simulator.switchTo(vm, "poweredOn");
      await loginPrompt();
      terminal.type("\x03");
      await terminal.shows("^C");
      await terminal.shows(`${name} login: `);
      terminal.type("root\r");
      await terminal.shows("Password: ");
      terminal.type("password\r");
      await terminal.shows(`root@${name}:~# `);
      simulator.switchTo(vm, "poweredOff");
      simulator.switchTo(vm, "poweredOn");
      await loginPrompt();
      terminal.type("\r~.");
      assert.equal(await terminal.ended, 0);
    },
  );
}

test("a BMC that changes from one way to another keeps its one serial port", async () => {
  const [name, first, second] = ["vm-05", await freeLowTcpPort(), await freeLowTcpPort()];
  const vbmc = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await daemon.vbmc(...args);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  };
  await vbmc(
    ...["add", name, "--address", "127.0.0.1", "--port", String(await freeUdpPort())],
    ...["--console", `tcp://127.0.0.1:${first}`, "--viserver", `127.0.0.1:${simulator.port}`],
    ...["--viserver-username", account.username, "--viserver-password", account.password],
  );
  await vbmc("start", name);
  await vbmc("console", name, "--setup");
  const vm = [...simulator.inventory.vms.values()].find((each) => each.name === name)!;
  const uris = (): unknown[] =>
    vm.devices.filter(({ type }) => type === "VirtualSerialPort").map(({ backing }) => backing?.fields["serviceURI"]);
  assert.deepEqual(uris(), [`tcp://:${first}`]);
  await vbmc("set", name, "--console", `telnet-listen://127.0.0.1:${second}`);
  const check = await daemon.vbmc("check", name);
  assert.match(check.stdout, /is set up with another address or token than the BMC has/);
  await vbmc("console", name, "--setup");
  assert.deepEqual(uris(), [`telnet://127.0.0.1:${second}`]);
  await vbmc("set", name, "--console", `tcp://127.0.0.1:${first}`);
  await vbmc("console", name, "--remove");
  assert.deepEqual(uris(), []);
});
