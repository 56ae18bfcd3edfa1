/** docs/commands.md as it must be: made of the command table. */
import type { Command } from "../../src/protocol/ipmi/command.js";
import { commands } from "../../src/protocol/ipmi/commands/index.js";
import { markdownTable } from "./markdownTable.js";
import { inRepository } from "./repository.js";

export const commandsPageFile = inRepository("docs/commands.md");

const firstVersion = "0.1.0";
/** By level, as privilege.ts numbers them. */
const privileges = ["none", "CALLBACK", "USER", "OPERATOR", "ADMINISTRATOR"] as const;
const netFnNames: Readonly<Record<number, string>> = {
  0x00: "Chassis",
  0x04: "Sensor/Event",
  0x06: "Application",
  0x0a: "Storage",
  0x0c: "Transport",
  0x2c: "Group extension",
};

const introduction = `# IPMI commands

<!-- Made of the command table by \`npm run docs\`: do not edit. -->

Every IPMI command that a BMC answers; all others get C1h (invalid command). Sections are those of IPMI 2.0 revision 1.1,
or of DCMI 1.5 where it is named. Privilege is the least that a session needs; "none" needs no session. Numbers are
hexadecimal; requests of a group extension begin with the byte behind the colon.
`;

export function commandsPage(): string {
  const netFns = [...new Set(commands.map(({ netFn }) => netFn))].sort((a, b) => a - b);
  return [introduction, ...netFns.map(sectionOf)].join("\n");
}

function sectionOf(netFn: number): string {
  const rows = commands
    .filter((command) => command.netFn === netFn)
    .sort((a, b) => a.command - b.command)
    .map(rowOf);
  const title = `## ${netFnNames[netFn] ?? "OEM"} (netFn ${hex(netFn)}h)`;
  return `${title}\n\n${markdownTable(["NetFn/Cmd", "Command", "Section", "Privilege", "Since"], rows)}`;
}

function rowOf({ netFn, command, group, name, section, privilege, since = firstVersion }: Command): string[] {
  const number = `${hex(netFn)}/${hex(command)}${group === undefined ? "" : `:${hex(group)}`}`;
  return [number, name, section, privileges[privilege], since];
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}
