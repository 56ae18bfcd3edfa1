/** What the demo does with two BMCs: power, inventory, an image, its boot on the console, a metric, and the page. */
import { spawnSync } from "node:child_process";

import { driveWithClient, switchOn } from "./clientTour.js";
import type { Printer } from "./printer.js";
import type { Shell } from "./shell.js";
import { bmcAccount, curl, ipmitool, type Stage } from "./stage.js";

/** Programs that may be missing, and what the demo shows of them then. */
export interface Programs {
  readonly ipmitool: boolean;
  readonly curl: boolean;
  /** util-linux's, which gives `ipmitool sol activate` a terminal. */
  readonly script: boolean;
  /** A filter that lays JSON out, `""` where there is none. */
  readonly json: string;
}

export function findPrograms(): Programs {
  const isThere = (name: string): boolean => spawnSync("sh", ["-c", 'command -v "$0"', name]).status === 0;
  return {
    ipmitool: isThere("ipmitool"),
    curl: isThere("curl"),
    script: isThere("script"),
    json: isThere("jq") ? " | jq" : isThere("python3") ? " | python3 -m json.tool" : "",
  };
}

export async function showPower(shell: Shell, printer: Printer, { off }: Stage, programs: Programs): Promise<void> {
  if (!programs.ipmitool) {
    printer.heading("IPMI: ipmitool is not installed (apt install ipmitool), so our own small client does it");
    await driveWithClient(off, printer.output);
    return;
  }
  printer.heading("IPMI: the power of the first VM");
  for (const command of ["power status", "power on", "power status"]) {
    await shell.run(ipmitool(off, command));
  }
}

export async function showInventory(shell: Shell, printer: Printer, { off }: Stage, programs: Programs): Promise<void> {
  if (!programs.curl) {
    printer.heading("Redfish: left out, since curl is not installed (apt install curl)");
    return;
  }
  printer.heading("Redfish: the inventory of the first VM");
  const wanted = "$select=PowerState,Model,ProcessorSummary,MemorySummary";
  await shell.run(`${curl} \\\n    '${off.redfish}/Systems/1?${wanted}'${programs.json}`);
}

/** The image goes into the drive of the second VM, which boots from it once. */
export async function insertImage(
  shell: Shell,
  printer: Printer,
  { withConsole }: Stage,
  image: string,
  programs: Programs,
): Promise<void> {
  printer.heading("Virtual media: an ISO image into the CD drive of the second VM, which boots from it once");
  if (!programs.curl || !programs.ipmitool) {
    await shell.run(`vbmc media insert ${withConsole.name} ${image} --boot-once --wait`);
    return;
  }
  await shell.run(
    `${curl} -H 'Content-Type: application/json' \\\n    -d '{"Image": "${image}"}' \\\n` +
      `    ${withConsole.redfish}/Systems/1/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia`,
  );
  await shell.run(ipmitool(withConsole, "chassis bootdev cdrom"));
  await shell.run(`vbmc media list ${withConsole.name}`);
}

/** Opens the console, switches the VM on from a second session, logs in at the guest, and leaves again. */
export async function showBoot(
  shell: Shell,
  printer: Printer,
  { withConsole }: Stage,
  programs: Programs,
): Promise<void> {
  if (!programs.script) {
    printer.heading("Console: left out, since script is not installed (apt install bsdutils)");
    return;
  }
  const client = programs.ipmitool
    ? { line: ipmitool(withConsole, "sol activate"), opened: "SOL Session operational", left: "terminated ipmitool" }
    : { line: `vbmc console ${withConsole.name}`, opened: "connected", left: "" };
  printer.heading("Serial over LAN: another session powers the second VM on, and it boots from the image");
  await shell.converse(client.line, async (screen) => {
    await screen.shows(client.opened);
    await switchOn(withConsole);
    await screen.shows("login: ");
    for (const [typed, answer] of [
      ["root", "Password: "],
      [bmcAccount.password, "# "],
      ["uname -a", "# "],
    ] as const) {
      screen.type(`${typed}\r`);
      await screen.shows(answer);
    }
    screen.type("\r~.");
    await screen.shows(client.left);
  });
  printer.output("\n");
}

export async function showMetric(shell: Shell, printer: Printer, stage: Stage, programs: Programs): Promise<void> {
  if (programs.curl) {
    printer.heading("A metric for Prometheus");
    await shell.run(`curl -fsS ${stage.metrics} | grep ^vbmc_vm`);
  }
}
