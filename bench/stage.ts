/** What parts measure: a simulated vCenter, `vbmcd` as a user runs it, and BMCs that are configured in its files. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { defined } from "../src/base/defined.js";
import { type Simulator, startSimulator } from "../src/simulator/index.js";
import { freeTcpPort, freeUdpPorts } from "../test/support/ports.js";
import { type Outcome, run } from "../test/support/programs.js";
import { bin } from "../test/support/stack.js";
import { authenticationCapabilities } from "../test/support/testBmc.js";
import { type CountingProxy, startCountingProxy } from "./countingProxy.js";
import { treeOf } from "./processes.js";

export const account = { username: "administrator@vsphere.local", password: "simulated" } as const;

export interface StageOptions {
  readonly bmcs: number;
  /** In the inventory; default: as many as BMCs. */
  readonly vms?: number;
  readonly bmcsPerProcess?: number;
  /** Each BMC serves Redfish, on the TCP port of the same number. */
  readonly redfish?: boolean;
  /** Appended to virtualbmc.conf. */
  readonly configuration?: string;
  /** Where the serial port of every VM is, `tcp://HOST:PORT`. */
  readonly console?: string;
  /** A vCenter that is not the embedded simulator: its URL, account and the names of its VMs. */
  readonly vcenter?: Vcenter;
}

export interface Vcenter {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly vmNames: readonly string[];
}

export interface Stage {
  /** Of the BMCs, in the order of their VMs. */
  readonly ports: readonly number[];
  readonly vmNames: readonly string[];
  /** undefined when another vCenter was given. */
  readonly simulator: Simulator | undefined;
  /** What went between vbmcd and vCenter. */
  readonly proxy: CountingProxy;
  /** From the start of vbmcd until its control socket answered, ms; measured while the BMCs start. */
  readonly controlMs: number;
  /** From the start of vbmcd until every BMC answered, ms. */
  readonly allAnswerMs: number;
  /** vbmcd and its children. */
  readonly processes: () => number[];
  readonly vbmc: (...args: string[]) => Promise<Outcome>;
  readonly vbmcPath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly close: () => Promise<void>;
}

/** Resolves when every BMC answers. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { bmcs, vms = bmcs, bmcsPerProcess = 1 } = options;
  const home = await mkdtemp(path.join(tmpdir(), "vbmc-bench-"));
  const simulator = options.vcenter
    ? undefined
    : await startSimulator({ address: "127.0.0.1", port: 0, vms, tls: true, stateDirectory: home, ...account });
  const vcenter: Vcenter = options.vcenter ?? {
    ...account,
    url: simulator!.url,
    vmNames: [...simulator!.inventory.vms.values()].map(({ name }) => name),
  };
  const proxy = await startCountingProxy(Number(new URL(vcenter.url).port));
  const vmNames = vcenter.vmNames.slice(0, bmcs);
  const ports = await freeUdpPorts(bmcs, "127.0.0.1");
  const controlPort = await freeTcpPort();
  await writeFile(
    path.join(home, "virtualbmc.conf"),
    `[default]\nserver_port = ${controlPort}\nbmcs_per_process = ${bmcsPerProcess}\n[ipmi]\ncipher_suites = 3,17\n${options.configuration ?? ""}`,
  );
  for (const [index, vmName] of vmNames.entries()) {
    await writeBmc(path.join(home, ".vbmc", vmName), vmName, ports[index]!, proxy.port, vcenter, options);
  }
  const env = { ...process.env, HOME: home, VIRTUALBMC_CONFIG: path.join(home, "virtualbmc.conf"), NO_COLOR: "1" };
  const vbmc = (...args: string[]): Promise<Outcome> => run(process.execPath, [bin("vbmc"), ...args], { env });

  const startedAt = performance.now();
  const daemon = spawn(process.execPath, [bin("vbmcd"), "--foreground"], { env, stdio: "ignore" });
  const exited = once(daemon, "exit");
  const ended = exited.then(([code]) => {
    throw new Error(`vbmcd ended with exit code ${String(code)}`);
  });
  const [controlMs, allAnswerMs] = await Promise.race([
    ended,
    Promise.all([
      controlAnswers(vbmc, () => daemon.exitCode !== null).then(() => performance.now() - startedAt),
      allAnswer(ports).then(() => performance.now() - startedAt),
    ]),
  ]);
  ended.catch(() => undefined);
  return {
    ports,
    vmNames,
    simulator,
    proxy,
    controlMs,
    allAnswerMs,
    processes: () => treeOf(daemon.pid ?? 0),
    vbmc,
    vbmcPath: bin("vbmc"),
    env,
    close: async () => {
      daemon.kill("SIGTERM");
      await exited;
      await proxy.close();
      await simulator?.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** SOAP calls so far: of one method, or all. */
export function callsOf({ simulator }: Stage, method?: string): number {
  const calls = [...(simulator?.calls ?? [])].filter(([name]) => method === undefined || name === method);
  return calls.reduce((sum, [, count]) => sum + count, 0);
}

/** Resolves when the link has told every BMC its VM's state: the last one is reported last. */
export async function allKnowPower(stage: Stage): Promise<void> {
  for (;;) {
    const { stdout } = await stage.vbmc("show", "--long", stage.vmNames.at(-1)!);
    if (/\| power +\| powered/.test(stdout)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function writeBmc(
  folder: string,
  vmName: string,
  port: number,
  proxyPort: number,
  vcenter: Vcenter,
  { redfish = false, console: serialPort }: StageOptions,
): Promise<void> {
  const lines = defined({
    vm_name: vmName,
    username: "admin",
    password: "password",
    port,
    address: "127.0.0.1",
    // As `vbmc add` writes it: without one, vbmcd writes every file again at its first start.
    fakemac: "02:00:00:00:00:01",
    viserver: `127.0.0.1:${proxyPort}`,
    viserver_username: vcenter.username,
    viserver_password: vcenter.password,
    active: "True",
    ...(redfish && { redfish_port: port }),
    console: serialPort,
  });
  const text = Object.entries(lines).map(([key, value]) => `${key} = ${value}\n`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, "config"), `[VirtualBMC]\n${text.join("")}`, { mode: 0o600 });
}

async function controlAnswers(vbmc: Stage["vbmc"], isOver: () => boolean): Promise<void> {
  while (!isOver() && (await vbmc("list")).code !== 0) {
    // Not yet.
  }
}

/**
 * Asks every port for its authentication capabilities until it has answered: again after 50 ms, or so long that asking
 * many costs but a few hundredths of a core.
 */
export async function allAnswer(ports: readonly number[]): Promise<void> {
  const silent = new Set(ports);
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const ask = (): void => silent.forEach((port) => socket.send(authenticationCapabilities, port, "127.0.0.1"));
  const timer = setInterval(ask, Math.max(50, ports.length / 4));
  await new Promise<void>((resolve) => {
    socket.on("message", (_datagram, { port }) => {
      silent.delete(port);
      if (silent.size === 0) {
        resolve();
      }
    });
    ask();
  });
  clearInterval(timer);
  socket.close();
}
