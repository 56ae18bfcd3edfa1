/** The console the whole way: a VM that dials the concentrator, its guest, and ipmitool at the other end. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { networkSerialPort, type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { isoImage } from "../support/isoImage.js";
import { peer } from "../support/peer.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { openSoapCalls, send } from "../support/soapCalls.js";
import { type Daemon, startDaemon } from "../support/stack.js";
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
  const consolePort = await freeTcpPort();
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
  const token = (await readFile(path.join(daemon.home, ".vbmc", vmName, "console-token"), "utf8")).trim();
  const serialPort = networkSerialPort(`vbmc:vm-01?token=${token}`, `telnet://127.0.0.1:${consolePort}`);
  machine().devices = [...machine().devices, serialPort];
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
  "ipmitool sol activate, at a VM that dials the concentrator",
  peer("ipmitool", () => isCommand("ipmitool")),
  () => {
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
  },
);

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
