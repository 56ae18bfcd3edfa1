/** Homes that earlier programs left (test/golden/homes), copied for a test and served by today's programs. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { isAlive } from "../process/daemon/daemonHome.js";
import { until } from "./patience.js";
import { freeTcpPort, freeUdpPort } from "./ports.js";
import { type Outcome, run } from "./programs.js";
import { inRepository } from "./repository.js";
import { bin } from "./stack.js";

export interface KeptHome {
  /** Of the BMCs: `.vbmc` or `.vsbmc`. */
  readonly folder: string;
  readonly ports: ReadonlyMap<string, number>;
  /** Runs `vbmc` or `vbmcd`, under the names that go with the folder. */
  readonly run: (program: "vbmc" | "vbmcd", ...args: string[]) => Promise<Outcome>;
  readonly file: (...parts: string[]) => string;
  readonly log: () => string;
  /** Ends the daemon; resolves when it has gone. */
  readonly stop: () => Promise<void>;
}

/** Where the simulator is that stands for the vCenter of the kept files, and whom it lets in. */
export interface StandIn {
  readonly viserver: string;
  readonly username: string;
  readonly fingerprint: string;
}

/**
 * @param name of a folder in test/golden/homes
 * @param home an empty folder
 * @param settings appended to the configuration file
 */
export async function copyKeptHome(name: string, home: string, standIn: StandIn, settings = ""): Promise<KeptHome> {
  cpSync(inRepository("test/golden/homes", name), home, { recursive: true });
  const isVsbmc = existsSync(path.join(home, ".vsbmc"));
  const folder = path.join(home, isVsbmc ? ".vsbmc" : ".vbmc");
  const file = (...parts: string[]): string => path.join(folder, ...parts);
  const logFile = path.join(home, "vbmcd.log");
  const conf = `[default]\nserver_port = ${await freeTcpPort()}\nserver_response_timeout = 60000\n${settings}`;
  writeFileSync(file(isVsbmc ? "vbmc4vsphere.conf" : "virtualbmc.conf"), `${conf}[log]\nlogfile = ${logFile}\n`);

  const ports = new Map<string, number>();
  for (const bmc of readdirSync(folder).filter((each) => existsSync(file(each, "config")))) {
    const port = await freeUdpPort();
    ports.set(bmc, port);
    const text = readFileSync(file(bmc, "config"), "utf8")
      .replace(/^port = .*$/m, `port = ${port}`)
      .replace(/^redfish_port = .*$/m, `redfish_port = ${await freeTcpPort()}`)
      .replace(/^viserver = .*$/m, `viserver = ${standIn.viserver}`);
    writeFileSync(file(bmc, "config"), text);
  }
  useStandIn(file, standIn);

  const env = { ...process.env, HOME: home, VIRTUALBMC_CONFIG: "", VBMC4VSPHERE_CONFIG: "", NO_COLOR: "1" };
  // Its file may be removed before the daemon is ended.
  let pid: number | undefined;
  const start = async (program: "vbmc" | "vbmcd", ...args: string[]): Promise<Outcome> => {
    const name = isVsbmc ? program.replace("vbmc", "vsbmc") : program;
    const outcome = await run(process.execPath, [bin(name), ...args], { env });
    if (program === "vbmcd" && outcome.code === 0) {
      pid = Number(readFileSync(file("master.pid"), "utf8"));
    }
    return outcome;
  };
  const stop = async (): Promise<void> => {
    const running = pid;
    pid = undefined;
    if (running !== undefined && isAlive(running)) {
      process.kill(running, "SIGTERM");
      await until("vbmcd has ended", () => !isAlive(running));
    }
  };
  return { folder, ports, run: start, file, log: () => readFileSync(logFile, "utf8"), stop };
}

/** What is kept of a vSphere account stands under a digest of its server and user; the certificate is another one, too. */
function useStandIn(file: KeptHome["file"], { viserver, username, fingerprint }: StandIn): void {
  if (!existsSync(file(".links"))) {
    return;
  }
  const digest = createHash("sha256")
    .update(JSON.stringify([viserver, username]))
    .digest("hex")
    .slice(0, 16);
  const [kept = ""] = readdirSync(file(".links"));
  mkdirSync(file(".links"), { recursive: true });
  renameSync(file(".links", kept), file(".links", digest));
  writeFileSync(file(".links", digest, "certificate"), `${fingerprint}\n`);
}
