/** What the demo does with the real ipmitool. */
import { spawn } from "node:child_process";

import type { Shell } from "./shell.js";

export interface DemoBmc {
  readonly vmName: string;
  readonly host: string;
  readonly port: number;
}

export function hasIpmitool(): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("ipmitool", ["-V"], { stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(true));
  });
}

export function ipmitoolArguments(bmc: DemoBmc | undefined, command: readonly string[]): string[] {
  const { host, port } = bmc ?? { host: "HOST", port: 623 };
  return ["-I", "lanplus", "-H", host, "-p", String(port), "-U", "admin", "-P", "password", ...command];
}

export async function tourWithIpmitool(shell: Shell, bmcs: readonly DemoBmc[]): Promise<void> {
  const [first, second] = bmcs;
  const ipmitool = (bmc: DemoBmc | undefined, ...command: string[]): Promise<string> =>
    shell.run("ipmitool", ipmitoolArguments(bmc, command));
  for (const bmc of bmcs) {
    await ipmitool(bmc, "power", "status");
  }
  await ipmitool(first, "power", "on");
  await ipmitool(first, "power", "status");
  await ipmitool(first, "chassis", "bootdev", "pxe");
  await ipmitool(first, "chassis", "bootparam", "get", "5");
  await ipmitool(first, "power", "soft");
  await ipmitool(second, "mc", "info");
}
