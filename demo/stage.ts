/** What the demo stands on: two simulated VMs, `vbmcd` with its files in a temporary folder, and a BMC for each VM. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";

import { freeTcpPort, freeUdpPort } from "../test/support/ports.js";
import type { Printer } from "./printer.js";
import type { Shell } from "./shell.js";

export interface DemoBmc {
  readonly name: string;
  /** UDP. */
  readonly ipmiPort: number;
  /** `https://127.0.0.1:PORT/redfish/v1`. */
  readonly redfish: string;
}

export interface Stage {
  readonly off: DemoBmc;
  readonly withConsole: DemoBmc;
  readonly metrics: string;
  readonly page: string;
}

/** Of each BMC: what `vbmc add` gives it unless told otherwise. */
export const bmcAccount = { userName: "admin", password: "password" } as const;
/** What the Redfish services show, in the demo's folder. */
const certificateFile = "bmc.crt";
const configurationFile = "virtualbmc.conf";

export const ipmitool = ({ ipmiPort }: DemoBmc, command: string): string =>
  `ipmitool -I lanplus -H 127.0.0.1 -p ${ipmiPort} -U ${bmcAccount.userName} -P ${bmcAccount.password} ${command}`;

/** `curl`, which checks the certificate. */
export const curl = `curl -fsS --cacert ${certificateFile} -u ${bmcAccount.userName}:${bmcAccount.password}`;

/** Puts `vbmc` and `vbmcd` on the path, and the demo's configuration into the environment: what a user has to export. */
export async function prepare(folder: string): Promise<Readonly<Record<"PATH" | "VIRTUALBMC_CONFIG", string>>> {
  const programs = path.join(folder, "bin");
  await mkdir(programs);
  for (const name of ["vbmc", "vbmcd"]) {
    await symlink(path.resolve(import.meta.dirname, `../bin/${name}.js`), path.join(programs, name));
  }
  return {
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    VIRTUALBMC_CONFIG: path.join(folder, configurationFile),
  };
}

/** What it has started is pushed to `undo`. */
export async function setUp(
  folder: string,
  shell: Shell,
  printer: Printer,
  undo: (() => Promise<unknown>)[],
): Promise<Stage> {
  const [vcenterPort, webPort, metricsPort] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  printer.heading("A vCenter with two VMs; here it is a simulated one");
  undo.push(await shell.start(`vbmc simulator --vms 2 --port ${vcenterPort} --state-dir vcenter`));

  printer.heading("The daemon, with its files in a temporary folder");
  const pidFile = path.join(folder, "vbmcd.pid");
  await writeFile(
    path.join(folder, configurationFile),
    [
      ...["[default]", `config_dir = ${folder}/vbmc`, `pid_file = ${pidFile}`, `server_port = ${await freeTcpPort()}`],
      ...["[console]", `listen = 127.0.0.1:${await freeTcpPort()}`],
      ...["[web]", `listen = ${webPort}`],
      ...["[metrics]", `listen = 127.0.0.1:${metricsPort}`],
      ...["[media]", "image_loopback = true", ""],
    ].join("\n"),
  );
  await shell.run(`cat ${configurationFile}`);
  undo.push(() => stopDaemon(pidFile));
  await shell.runToItsEnd("vbmcd");

  printer.heading("A BMC for each VM, with IPMI and Redfish; the second one gets a console");
  const bmcs: DemoBmc[] = [];
  for (const name of ["vm-01", "vm-02"]) {
    const [ipmiPort, redfishPort] = [await freeUdpPort(), await freeTcpPort()];
    await shell.run(
      `vbmc add ${name} --address 127.0.0.1 --port ${ipmiPort} --redfish-port ${redfishPort} \\\n` +
        `    --viserver 127.0.0.1:${vcenterPort} --viserver-username administrator@vsphere.local --viserver-password password`,
    );
    bmcs.push({ name, ipmiPort, redfish: `https://127.0.0.1:${redfishPort}/redfish/v1` });
  }
  // The daemon keeps the certificate and its key in one file.
  const pem = await readFile(path.join(folder, "vbmc/.redfish-certificate.pem"));
  await writeFile(path.join(folder, certificateFile), new X509Certificate(pem).toString());
  const [off, withConsole] = bmcs as [DemoBmc, DemoBmc];
  await shell.run(`vbmc start ${off.name} ${withConsole.name}`);
  await shell.run("vbmc list");
  await shell.run(`vbmc console ${withConsole.name} --setup`);
  return {
    off,
    withConsole,
    metrics: `http://127.0.0.1:${metricsPort}/metrics`,
    page: `https://127.0.0.1:${webPort}/`,
  };
}

async function stopDaemon(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) {
    return; // it did not start
  }
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
