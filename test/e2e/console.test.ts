/** The console the whole way: a VM that dials the concentrator, its guest, and ipmitool at the other end. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { isoImage } from "../support/isoImage.js";
import { peer } from "../support/peer.js";
import { freeLowTcpPort, freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { openSoapCalls, send } from "../support/soapCalls.js";
import { bin, type Daemon, startDaemon } from "../support/stack.js";
import { openTerminal, type Terminal } from "../support/terminal.js";

const account = { username: "administrator@vsphere.local", password: "simulated" };
const vmName = "vm-01";
const prompt = "root@vm-01:~# ";
const operational = "[SOL Session operational.  Use ~? for help]";

let simulator: Simulator;
let daemon: Daemon;
let port: number;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 2, tls: true, ...account });
  Object.assign(simulator.behaviour, { taskDurationMs: 5, guestBootMs: 300, serialRetryMs: 100 });
  const consolePort = await freeLowTcpPort();
  daemon = await startDaemon(`[console]\nlisten = 127.0.0.1:${consolePort}\n`);
  port = await freeUdpPort();
  const viserver = ["--viserver", `127.0.0.1:${simulator.port}`, "--viserver-username", account.username];
  const added = await daemon.vbmc(
    ...["add", vmName, "--address", "127.0.0.1", "--port", String(port)],
    ...[...viserver, "--viserver-password", account.password],
  );
  assert.equal(added.code, 0, added.stderr);
  const started = await daemon.vbmc("start", vmName);
  assert.equal(started.code, 0, started.stderr);
  await daemon.logged("the serial ports of VMs may connect");
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

const machine = (): SimulatedVm => [...simulator.inventory.vms.values()].find(({ name }) => name === vmName)!;
const onTarget = (): string[] => [
  "-I",
  "lanplus",
  "-H",
  "127.0.0.1",
  "-p",
  String(port),
  "-U",
  "admin",
  "-P",
  "password",
];

async function ipmitool(...words: string[]): Promise<Outcome> {
  const outcome = await run("ipmitool", [...onTarget(), ...words]);
  assert.equal(outcome.code, 0, `${words.join(" ")}: ${outcome.stdout}${outcome.stderr}`);
  return outcome;
}

/** ipmitool's console, which is left again at the end. */
async function withConsole(use: (terminal: Terminal) => Promise<void>): Promise<void> {
  const terminal = openTerminal("ipmitool", ...onTarget(), "sol", "activate");
  try {
    await terminal.shows(operational);
    await use(terminal);
  } finally {
    const leaving = setInterval(() => terminal.type("\r~."), 300);
    await terminal.ended.finally(() => clearInterval(leaving));
  }
}

/** ipmitool says that it is operational before it hears what is typed: until something comes back. */
async function wake(terminal: Terminal): Promise<void> {
  const timer = setInterval(() => terminal.type("\r"), 300);
  try {
    await terminal.shows("vm-01 login: ");
  } finally {
    clearInterval(timer);
  }
}

async function logIn(terminal: Terminal): Promise<void> {
  await terminal.shows("vm-01 login: ");
  terminal.type("root\r");
  await terminal.shows("Password: ");
  terminal.type("password\r");
  await terminal.shows(prompt);
}

describe(
  "vbmc console --setup, and ipmitool sol activate at the VM that dials the concentrator",
  peer("ipmitool", () => isCommand("ipmitool")),
  () => {
    test("--setup: a VM that is on gets no port, and learns why; one that is off gets one, once, with TLS", async () => {
      await ipmitool("power", "on");
      const refused = await daemon.vbmc("console", vmName, "--setup");
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /the VM is on, and vSphere adds a serial port only while it is off: switch it off/);
      await ipmitool("power", "off");
      const done = await daemon.vbmc("console", vmName, "--setup");
      assert.deepEqual([done.code, done.stderr], [0, ""]);
      const { proxyURI } = backingOf(machine());
      assert.match(proxyURI ?? "", /^telnets:\/\/127\.0\.0\.1:\d+#thumbprint=([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
      const before = simulator.calls.get("ReconfigVM_Task");
      const again = await daemon.vbmc("console", vmName, "--setup");
      assert.equal(again.code, 0, again.stderr);
      assert.equal(simulator.calls.get("ReconfigVM_Task"), before);
    });

    test("the console shows the boot from the power-on to the login, and what is typed there", async () => {
      await withConsole(async (terminal) => {
        await ipmitool("power", "on");
        await terminal.shows("VMware BIOS");
        await terminal.shows("Booting from hard disk");
        await terminal.shows("Linux version");
        await logIn(terminal);
        terminal.type("uname -a\r");
        await terminal.shows("Linux vm-01 6.1.0");
        await terminal.shows(prompt);
        terminal.type("exit\r");
      });
    });

    test("a reset, a power cycle and a vMotion leave the session alone, and nothing is lost in a flood", async () => {
      await withConsole(async (terminal) => {
        await ipmitool("power", "reset");
        await terminal.shows("VMware BIOS");
        await logIn(terminal);
        terminal.type("seq 1 30000\r");
        await terminal.shows("\r\n100\r\n");
        await simulator.move(machine());
        await terminal.shows(`\r\n30000\r\n${prompt}`);
        const numbers = terminal.output().match(/^\d+(?=\r$)/gm) ?? [];
        assert.deepEqual([numbers.length, numbers.findIndex((number, at) => Number(number) !== at + 1)], [30_000, -1]);
        assert.equal(machine().host, 1);
        terminal.type("echo at the other host\r");
        await terminal.shows("\r\nat the other host\r\n");
        await ipmitool("power", "cycle");
        await terminal.shows("VMware BIOS");
        await terminal.shows("vm-01 login: ");
      });
    });

    test("power diag is a kernel panic on the console, and ~B and a key a SysRq command", async () => {
      await withConsole(async (terminal) => {
        await wake(terminal);
        terminal.type("\r");
        await logIn(terminal);
        terminal.type("\r");
        await terminal.shows(prompt);
        terminal.type("~B");
        await terminal.shows("[send break]");
        terminal.type("h");
        await terminal.shows("sysrq: HELP");
        await ipmitool("power", "diag");
        await terminal.shows("Kernel panic - not syncing: NMI: Not continuing");
        await terminal.shows("---[ end Kernel panic");
        await ipmitool("power", "reset");
        await terminal.shows("vm-01 login: ");
      });
    });

    test("what the boot device is shows: network, firmware set-up, a CD with its name", async () => {
      await withConsole(async (terminal) => {
        await ipmitool("chassis", "bootdev", "pxe");
        await ipmitool("power", "reset");
        await terminal.shows("Booting from network: adapter 00:50:56");
        await terminal.shows("login: ");
        await ipmitool("chassis", "bootdev", "bios");
        await ipmitool("power", "reset");
        await terminal.shows("Press Esc to leave it");
        terminal.type("\x1b");
        await terminal.shows("login: ");
        await insertCd("RESCUE-12");
        await ipmitool("chassis", "bootdev", "cdrom");
        await ipmitool("power", "reset");
        await terminal.shows("Booting from CD/DVD: RESCUE-12");
        await terminal.shows("rescue-12 login: ");
      });
    });

    test("the guest shuts down when it is asked to, and the console says so; off, the session waits for the next start", async () => {
      await withConsole(async (terminal) => {
        await ipmitool("power", "soft");
        await terminal.shows("reboot: Power down");
        await ipmitool("power", "on");
        await terminal.shows("login: ");
      });
    });

    test("vbmc check, list and show tell how the console stands", async () => {
      const check = await daemon.vbmc("check", vmName);
      assert.match(check.stdout, /console\s+\| ok\s+\|/);
      const shown = await daemon.vbmc("show", vmName, "--long");
      assert.match(shown.stdout, /console.*connected since .*127\.0\.0\.1/);
      assert.ok(!`${check.stdout}${shown.stdout}${daemon.log()}`.includes(tokenOf(machine())), "no token is shown");
    });

    test("vbmc console watches what ipmitool types, and learns who does", async () => {
      const watcher = openTerminal(
        ...["env", `HOME=${daemon.home}`, `VIRTUALBMC_CONFIG=${daemon.env["VIRTUALBMC_CONFIG"]}`],
        ...[process.execPath, bin("vbmc"), "console", vmName, "--read-only"],
      );
      await watcher.shows("vm-01 login: ");
      await withConsole(async (terminal) => {
        await wake(terminal);
        terminal.type("\r");
        await logIn(terminal);
        terminal.type("echo seen by both\r");
        await terminal.shows("\r\nseen by both\r\n");
        await watcher.shows("echo seen by both");
        await watcher.shows("seen by both");
        terminal.type("exit\r");
        await terminal.shows("login: ");
      });
      watcher.type("\r~.");
      assert.equal(await watcher.ended, 0);
    });

    test("--remove takes the port away while the VM is off, and says what to do while it is on", async () => {
      const refused = await daemon.vbmc("console", vmName, "--remove");
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /the VM is on, and vSphere removes a serial port only while it is off/);
      await ipmitool("power", "off");
      const done = await daemon.vbmc("console", vmName, "--remove");
      assert.deepEqual([done.code, done.stderr], [0, ""]);
      assert.ok(!machine().devices.some(({ type }) => type === "VirtualSerialPort"));
      assert.equal((await daemon.vbmc("console", vmName, "--remove")).code, 0);
    });
  },
);

/** Fields of the serial port's vim25 backing. */
function backingOf({ devices }: SimulatedVm): Readonly<Record<string, string>> {
  return devices.find(({ type }) => type === "VirtualSerialPort")?.backing?.fields ?? {};
}

function tokenOf(machine: SimulatedVm): string {
  const { serviceURI } = backingOf(machine);
  const token = /token=(.+)$/.exec(serviceURI ?? "")?.[1];
  assert.ok(token !== undefined);
  return token;
}

async function insertCd(volumeId: string): Promise<void> {
  const calls = await openSoapCalls(simulator.url, account);
  const file = `${new URL(simulator.url).origin}/folder/cd.iso?dcPath=DC0&dsName=datastore1`;
  assert.equal((await send(file, "PUT", { Cookie: calls.cookie }, isoImage(volumeId))).status, 201);
  const spec =
    `<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualCdrom"><key>3000</key>` +
    `<backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>[datastore1] cd.iso</fileName></backing>` +
    `<connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl>` +
    `<connected>true</connected></connectable></device></deviceChange></spec>`;
  assert.match(await calls.task("ReconfigVM_Task", ["VirtualMachine", machine().id], spec), />success</);
}
