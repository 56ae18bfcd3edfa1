/** `vbmc console` in a terminal of its own, against a daemon with a concentrator and a VM whose telnet is the tests' own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { freeLowTcpPort, freeUdpPort } from "../support/ports.js";
import { isCommand } from "../support/programs.js";
import { bin, type Daemon, startDaemon } from "../support/stack.js";
import { createStandInVm, type StandInVm } from "../support/standInVm.js";
import { openTerminal, type Terminal } from "../support/terminal.js";

const skip = isCommand("script") ? false : "util-linux's script is not installed";
const name = "vm-01";
let daemon: Daemon;
let port: number;
let logDirectory: string;

before(async () => {
  port = await freeLowTcpPort();

  daemon = await startDaemon(`[console]\nlisten = 127.0.0.1:${port}\nlog_dir = ~/consoles\n`);
  logDirectory = path.join(daemon.home, "consoles");
  const added = await daemon.vbmc("add", name, "--port", String(await freeUdpPort()), "--address", "127.0.0.1");
  assert.equal(added.code, 0, added.stderr);
  assert.equal((await daemon.vbmc("start", name)).code, 0);
  await daemon.logged("the serial ports of VMs may connect");
});
const vms: StandInVm[] = [];
after(async () => {
  vms.forEach(({ socket }) => socket.destroy());
  await daemon.close();
});

async function powerOn(isEncrypted = true): Promise<StandInVm> {
  const token = readFileSync(path.join(daemon.home, ".vbmc", name, "console-token"), "utf8").trim();
  const vm = createStandInVm({ port, serviceUri: `vbmc:${name}?token=${token}`, isEncrypted });
  vms.push(vm);
  return vm.begin();
}

function vbmcConsole(...options: string[]): Terminal {
  const { HOME = "", VIRTUALBMC_CONFIG = "" } = daemon.env;
  return openTerminal(
    "env",
    `HOME=${HOME}`,
    `VIRTUALBMC_CONFIG=${VIRTUALBMC_CONFIG}`,
    process.execPath,
    bin("vbmc"),
    "console",
    name,
    ...options,
  );
}

test("a terminal shows the last screen, types, sends breaks and ends with ~.", { skip }, async () => {
  const vm = await powerOn();
  await vm.print("earlier output\r\nlogin: ");
  await daemon.logged("serial port is connected from");
  const log = path.join(daemon.home, "typescript");
  const terminal = vbmcConsole("--log", log);
  await terminal.showsAll("login: ", "~. ends, ~? helps");
  terminal.type("root\x03");
  await vm.untilTyped("root\x03");
  terminal.type("\r~B");
  await vm.until(() => vm.breaks === 1);
  terminal.type("~?");
  await terminal.shows("takes the console over");
  terminal.type("~~x\r~");
  await vm.untilTyped("\r~x\r");
  terminal.type(".");
  assert.equal(await terminal.ended, 0);
  assert.equal(vm.serial.toString(), "root\x03\r~x\r");
  assert.equal(readFileSync(log, "utf8"), "earlier output\r\nlogin: ");
  assert.equal(statSync(log).mode & 0o777, 0o600);
  const file = path.join(logDirectory, `${name}.log`);
  assert.equal(readFileSync(file, "utf8"), "earlier output\r\nlogin: ");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  vm.socket.destroy();
});

test("a second terminal watches until it takes over, and both are told", { skip }, async () => {
  const vm = await powerOn();
  const first = vbmcConsole();
  await first.shows("~. ends, ~? helps");
  const second = vbmcConsole("--read-only");
  await second.shows("you watch]");
  await second.shows("~. ends, ~? helps");
  second.type("unheard\r");
  await first.shows("also watching: ");
  const third = vbmcConsole();
  await third.shows("~t takes over");
  await third.shows("~. ends, ~? helps");
  third.type("~t");
  await third.shows("you type now");
  await first.shows("you watch, ~t takes over");
  third.type("mine");
  await vm.untilTyped("mine");
  assert.equal(vm.serial.toString(), "mine");
  const events = await daemon.vbmc("events", name, "-f", "json");
  assert.match(events.stdout, /console taken from .* \(vbmc console\)/);
  assert.doesNotMatch(events.stdout + daemon.log(), /mine|unheard/, "what is typed is nowhere");
  for (const terminal of [first, second, third]) {
    terminal.type("\r~.");
    assert.equal(await terminal.ended, 0);
  }
  vm.socket.destroy();
});

test("a console survives power cycles and the end of its process", { skip }, async () => {
  const terminal = vbmcConsole();
  await terminal.shows("not connected; waiting for it");
  const first = await powerOn(false);
  await first.print("first boot");
  await terminal.shows("first boot");
  first.socket.end();
  await terminal.shows("not connected; waiting for it");
  const pid = Number(/"pid":(\d+)[^\n]*serial port is connected/.exec(daemon.log())?.[1]);
  process.kill(pid, "SIGKILL");
  await terminal.shows("trying again");
  await terminal.shows("the console is back");
  await daemon.logged(/the console process failed, next try[^]*the serial ports of VMs may connect/);
  const second = await powerOn();
  await second.print("second boot");
  await terminal.shows("second boot");
  terminal.type("back");
  await second.untilTyped("back");
  terminal.type("\r~.");
  assert.equal(await terminal.ended, 0);
  second.socket.destroy();
});

test("list, show and check tell how the console stands", async () => {
  const vm = await powerOn(false);
  await daemon.logged(/serial port is connected[^]*serial port is connected/);
  const list = await daemon.vbmc("list", "--long", "-f", "json");
  assert.equal((JSON.parse(list.stdout) as { Console: string }[])[0]?.Console, "connected");
  const show = await daemon.vbmc("show", name, "-f", "json");
  assert.match(show.stdout, /connected since .* from 127.0.0.1 in clear text/);
  const check = await daemon.vbmc("check", name, "-f", "json");
  assert.match(check.stdout, /in clear text: anyone on the network path can read what is typed/);
  assert.doesNotMatch(list.stdout + show.stdout + check.stdout + daemon.log(), /token=[A-Za-z0-9]/);
  vm.socket.destroy();
});

test("without a terminal it is a pipe", async () => {
  const vm = await powerOn();
  const pipe = spawn(process.execPath, [bin("vbmc"), "console", name], { env: daemon.env });
  let output = "";
  pipe.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  pipe.stdin.end("uname -a\n~.\n");
  await vm.untilTyped("uname -a\n~.\n");
  await vm.print("Linux vm-01\r\n");
  const [code] = (await once(pipe, "exit")) as [number];
  assert.equal(code, 0);
  assert.ok(output.endsWith("Linux vm-01\r\n"), output);
  const writer = vbmcConsole();
  await writer.shows("~. ends, ~? helps");
  const late = await daemon.vbmc("console", name);
  assert.equal(late.code, 1);
  assert.match(late.stderr, /\(vbmc console\) types: give --take to take the console over, or --read-only/);
  writer.type("~.");
  assert.equal(await writer.ended, 0);
  vm.socket.destroy();
});

test("mistakes are told in one line that says what to do", async () => {
  const noSuch = await daemon.vbmc("console", "vm-99");
  assert.equal(noSuch.code, 1);
  assert.match(noSuch.stderr, /vm-99/);
  const both = await daemon.vbmc("console", name, "--setup", "--remove");
  assert.equal(both.code, 2);
  const noFile = await daemon.vbmc("console", name, "--log", path.join(daemon.home, "no", "file"));
  assert.equal(noFile.code, 1);
  assert.match(noFile.stderr, /cannot write .*no such file or folder/);
  const wrong = await daemon.vbmc("set", name, "--console", "telnet");
  assert.match(wrong.stderr, /console must be off, concentrator, tcp:\/\/HOST:PORT/);
  assert.equal((await daemon.vbmc("set", name, "--console", "off")).code, 0);
  const off = await daemon.vbmc("console", name);
  assert.equal(off.code, 1);
  assert.match(off.stderr, /console = off in its file; vbmc set vm-01 --console '' brings it back/);
  assert.equal((await daemon.vbmc("stop", name)).code, 0);
  assert.match((await daemon.vbmc("console", name)).stderr, /vm-01 does not run: start it with vbmc start vm-01/);
  assert.ok(existsSync(path.join(daemon.home, ".vbmc", ".console")));
});

test("without a console configured there is no console process", async () => {
  const plain = await startDaemon();
  await plain.vbmc("add", "vm-02", "--port", String(await freeUdpPort()), "--address", "127.0.0.1");
  await plain.vbmc("start", "vm-02");
  const refused = await plain.vbmc("console", "vm-02");
  assert.match(refused.stderr, /vm-02 has no console: set \[console\] listen in virtualbmc.conf and restart vbmcd/);
  assert.ok(!existsSync(path.join(plain.home, ".vbmc", ".console")));
  assert.ok(!existsSync(path.join(plain.home, ".vbmc", "vm-02", "console-token")));
  await plain.close();
});
