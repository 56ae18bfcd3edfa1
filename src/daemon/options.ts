/** The options of `vbmcd`: one table for its parser, its help and its manual page. */
import { parseArgs } from "node:util";

export interface DaemonOptions {
  readonly help: boolean;
  readonly version: boolean;
  readonly foreground: boolean;
  readonly checkConfig: boolean;
}

export interface DaemonOption {
  readonly name: keyof DaemonOptions;
  readonly long: string;
  readonly short?: string;
  readonly description: string;
}

export const description = "Serves the virtual BMCs that vbmc has added. Runs in the background unless told otherwise.";

export const daemonOptions: readonly DaemonOption[] = [
  { name: "help", long: "help", short: "h", description: "show this help and exit" },
  { name: "version", long: "version", description: "show the version and exit" },
  { name: "foreground", long: "foreground", description: "do not go into the background; log to the terminal" },
  { name: "checkConfig", long: "check-config", description: "print the effective configuration and exit" },
];

export const usage = `usage: vbmcd ${daemonOptions.map(({ short, long }) => (short === undefined ? `[--${long}]` : `[-${short}]`)).join(" ")}`;

const width = 16;

export const help = `${usage}

${description}

options:
${daemonOptions.map((option) => `  ${flagsOf(option).padEnd(width)}${option.description}\n`).join("")}`;

export function flagsOf({ short, long }: DaemonOption): string {
  return `${short === undefined ? "" : `-${short}, `}--${long}`;
}

/** @throws Error with one line for an unknown option or an argument */
export function parseOptions(argv: readonly string[]): DaemonOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      daemonOptions.map(({ long, short }) => [long, { type: "boolean", ...(short !== undefined && { short }) }]),
    ),
  });
  const given = (name: keyof DaemonOptions): boolean =>
    daemonOptions.some((option) => option.name === name && values[option.long] === true);
  return {
    help: given("help"),
    version: given("version"),
    foreground: given("foreground"),
    checkConfig: given("checkConfig"),
  };
}
