/** What no BMC of ours can be faster or smaller than. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { freeUdpPort } from "../../test/support/ports.js";
import { isCommand } from "../../test/support/programs.js";
import { Console } from "../load/console.js";
import type { FixedAnswer } from "./httpsProcess.js";

export interface Floor {
  readonly port: number;
  readonly pid: number;
  readonly close: () => Promise<void>;
}

/** A UDP echo server in Node. */
export async function startEcho(): Promise<Floor> {
  const child = fork(new URL("./echoProcess.js", import.meta.url));
  const [port] = (await once(child, "message")) as [number];
  return { port, pid: child.pid ?? 0, close: () => end(child) };
}

/** The other end of serial ports: echoes what is typed, and prints on demand (guestProcess). */
export async function startGuest(): Promise<Floor> {
  const child = fork(new URL("./guestProcess.js", import.meta.url));
  const [port] = (await once(child, "message")) as [number];
  return { port, pid: child.pid ?? 0, close: () => end(child) };
}

/** A bare HTTPS server in Node that gives one answer. */
export async function startHttps(answer: FixedAnswer): Promise<Floor> {
  const child = fork(new URL("./httpsProcess.js", import.meta.url));
  child.send(answer);
  const [port] = (await once(child, "message")) as [number];
  return { port, pid: child.pid ?? 0, close: () => end(child) };
}

/** A server of images of any size. */
export async function startImages(): Promise<Floor> {
  const child = fork(new URL("../load/imageProcess.js", import.meta.url));
  const [port] = (await once(child, "message")) as [number];
  return { port, pid: child.pid ?? 0, close: () => end(child) };
}

/** A bare Node child with a bound socket. It inherits no `--import tsx`, which costs more than all that it is to measure. */
export async function startIdleChild(): Promise<Omit<Floor, "port">> {
  const child = fork(new URL("./idleProcess.mjs", import.meta.url), { execArgv: [] });
  await once(child, "message");
  return { pid: child.pid ?? 0, close: () => end(child) };
}

/**
 * OpenIPMI's BMC simulator, in C; undefined where it is not installed (Debian: openipmi). It knows no SHA-256.
 * @param serialPort TCP port on this host that is its system's serial port
 */
export async function startIpmiSim(serialPort?: number): Promise<Floor | undefined> {
  if (!isCommand("ipmi_sim")) {
    return undefined;
  }
  const directory = await mkdtemp(path.join(tmpdir(), "vbmc-bench-ipmi_sim-"));
  const port = await freeUdpPort();
  await writeFile(path.join(directory, "lan.conf"), lanConfiguration(port, serialPort));
  await writeFile(path.join(directory, "emulator"), emulatorCommands);
  const files = ["-c", "lan.conf", "-f", "emulator", "-s", directory];
  const child = spawn("ipmi_sim", ["-n", ...files], { cwd: directory, stdio: "ignore" });
  await answers(port);
  return {
    port,
    pid: child.pid ?? 0,
    close: async () => {
      await end(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const console = await Console.open(port);
    const isUp = await console.logIn({ port }).then(
      () => true,
      () => false,
    );
    console.close();
    if (isUp) {
      return;
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function lanConfiguration(port: number, serialPort: number | undefined): string {
  const users = [`user 1 true "" "" user 10 none md5`, `user 2 true "admin" "password" admin 63 none md5`];
  const allowed = ["callback", "user", "operator", "admin"].map((level) => `    allowed_auths_${level} none md5`);
  const lan = [`    addr 127.0.0.1 ${port}`, "    priv_limit admin", ...allowed, `    guid ${"a1".repeat(16)}`];
  const lines = [`name "floor"`, "set_working_mc 0x20", "  startlan 1", ...lan, "  endlan", ...users];
  if (serialPort !== undefined) {
    lines.push(`sol "tcp:127.0.0.1:${serialPort}" 115200`);
  }
  return lines.join("\n") + "\n";
}

const emulatorCommands = [
  "mc_setbmc 0x20",
  "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02",
  "mc_enable 0x20",
  "",
].join("\n");
