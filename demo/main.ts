/**
 * `npm run demo`: the whole way once, visibly. Simulator, vbmcd and two BMCs live in a temporary directory on free
 * ports of the loopback interface, and are gone at the end; `--keep` leaves them running until Ctrl-C.
 */
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { reasonOf } from "../src/base/errors.js";
import { startSimulator } from "../src/simulator/index.js";
import { driveWithClient } from "./clientTour.js";
import { hasScript, showBoot } from "./consoleTour.js";
import { freeTcpPort, freeUdpPorts } from "./freePorts.js";
import { hasIpmitool, ipmitoolArguments, tourWithIpmitool } from "./ipmitoolTour.js";
import { commandLine, createShell } from "./shell.js";

const vmNames = ["lab-vesxi01", "lab-vesxi02"] as const;
const vcenterAccount = { username: "administrator@vsphere.local", password: "simulated" };
const bin = (name: string): string => path.resolve(import.meta.dirname, "../bin", `${name}.js`);

const keep = process.argv.includes("--keep");
const print = (text: string): void => void process.stdout.write(text);
const say = (text: string): void => print(`\n# ${text}\n`);

process.exitCode = await demo();

async function demo(): Promise<number> {
  const interrupted = interruption();
  const directory = await mkdtemp(path.join(tmpdir(), "vbmc-demo-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    await Promise.race([
      tour(directory, undo, interrupted),
      interrupted.then(() => Promise.reject(new Error("interrupted"))),
    ]);
    return 0;
  } catch (error) {
    process.stderr.write(`\nThe demo failed: ${reasonOf(error)}\n`);
    return 1;
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => process.stderr.write(`while cleaning up: ${String(error)}\n`));
    }
  }
}

async function tour(directory: string, undo: (() => Promise<unknown>)[], interrupted: Promise<void>): Promise<void> {
  say("A simulated vCenter with two VMs");
  const simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    vms: vmNames.map((name) => ({ name })),
    ...vcenterAccount,
    tls: true,
    stateDirectory: directory,
  });
  undo.push(() => simulator.close());
  print(`${simulator.url} serves ${vmNames.join(" and ")}\n`);

  say("The daemon, with its files in a temporary directory");
  const configDirectory = path.join(directory, "vbmc");
  const pidFile = path.join(directory, "master.pid");
  const configFile = path.join(directory, "virtualbmc.conf");
  await writeFile(
    configFile,
    `[default]\nconfig_dir = ${configDirectory}\npid_file = ${pidFile}\nserver_port = ${await freeTcpPort()}\n` +
      `[console]\nlisten = 127.0.0.1:${await freeTcpPort()}\n`,
  );
  const environment = { ...process.env, VIRTUALBMC_CONFIG: configFile };
  const shell = createShell(environment, print);
  const vbmc = (...args: string[]): Promise<string> =>
    shell.run(process.execPath, [bin("vbmc"), ...args], commandLine("vbmc", args));
  await shell.run(process.execPath, [bin("vbmcd")], "vbmcd");
  undo.push(() => stopDaemon(pidFile));

  say("Two BMCs");
  const ports = await freeUdpPorts(vmNames.length);
  const bmcs = vmNames.map((vmName, index) => ({ vmName, host: "127.0.0.1", port: ports[index] ?? 0 }));
  for (const { vmName, port } of bmcs) {
    const viserver = ["--viserver", new URL(simulator.url).host];
    const account = ["--viserver-username", vcenterAccount.username, "--viserver-password", vcenterAccount.password];
    await vbmc("add", vmName, "--address", "127.0.0.1", "--port", String(port), ...viserver, ...account);
  }
  await vbmc("start", ...vmNames);
  await vbmc("list");

  say("A serial port for the console of the second VM, which is off");
  const [, second] = bmcs;
  await vbmc("console", vmNames[1], "--setup");

  if (await hasIpmitool()) {
    say("ipmitool drives them");
    await tourWithIpmitool(shell, bmcs);
    if (second && hasScript()) {
      say("The second VM starts, and its console shows it: Serial over LAN to the VM's serial port");
      await showBoot(shell, second, print);
    }
  } else {
    say("ipmitool is not installed: our own small RMCP+ client drives them");
    await driveWithClient(bmcs, print);
  }

  if (keep) {
    say("Left running until Ctrl-C. Try, in another terminal:");
    for (const command of [
      ["power", "status"],
      ["chassis", "bootdev", "pxe"],
      ["lan", "print", "1"],
      ["sol", "activate"],
    ]) {
      const bmc = command[0] === "sol" ? second : bmcs[0];
      print(`${commandLine("ipmitool", ipmitoolArguments(bmc, command))}\n`);
    }
    print(`VIRTUALBMC_CONFIG=${configFile} ${commandLine("node", [bin("vbmc"), "list"])}\n`);
    await interrupted;
    return;
  }
  say("Done. To keep it running and try it yourself: npm run demo -- --keep");
  print("  it prints the addresses; then, in another terminal, for example:\n");
  print("  ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password power status\n");
}

/** Resolves at Ctrl-C or SIGTERM, which then no longer end the process before it has cleaned up. */
async function interruption(): Promise<void> {
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}

async function stopDaemon(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, "utf8"));
  process.kill(pid, "SIGTERM");
  while (isAlive(pid)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
