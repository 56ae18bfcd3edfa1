/** The options of `vbmcd`: one table for its parser, its help and its manual page. */
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

export const description = "Serves the virtual BMCs that vbmc has added. Runs in the background by default.";

export const daemonOptions: readonly DaemonOption[] = [
  { name: "help", long: "help", short: "h", description: "show this help and exit" },
  { name: "version", long: "version", description: "show the version and exit" },
  { name: "foreground", long: "foreground", description: "do not go into the background; log to the terminal" },
  { name: "checkConfig", long: "check-config", description: "print the effective configuration and exit" },
];

/** @param program the name that it was called by */
export function usageOf(program: string): string {
  const flags = daemonOptions.map(({ short, long }) => (short === undefined ? `[--${long}]` : `[-${short}]`));
  return `usage: ${program} ${flags.join(" ")}`;
}

const width = 16;

export function helpOf(program: string): string {
  return `${usageOf(program)}

${description}

options:
${daemonOptions.map((option) => `  ${flagsOf(option).padEnd(width)}${option.description}\n`).join("")}`;
}

export function flagsOf({ short, long }: DaemonOption): string {
  return `${short === undefined ? "" : `-${short}, `}--${long}`;
}

/**
 * Parses like Python's argparse: accepts any unambiguous abbreviation of an option, and help and version take
 * precedence over everything else.
 * @throws Error with one line for an unknown or ambiguous option, a value, an argument
 */
export function parseOptions(argv: readonly string[]): DaemonOptions {
  const given: Record<keyof DaemonOptions, boolean> = {
    help: false,
    version: false,
    foreground: false,
    checkConfig: false,
  };
  const dashes = argv.indexOf("--");
  const unknown = dashes < 0 ? [] : argv.slice(dashes + 1);
  for (const word of dashes < 0 ? argv : argv.slice(0, dashes)) {
    const option = findOption(word);
    if (option === undefined) {
      unknown.push(word);
    } else {
      given[option.name] = true;
    }
    if (given.help || given.version) {
      return given;
    }
  }
  if (unknown.length > 0) {
    throw new Error(`unrecognized arguments: ${unknown.join(" ")}`);
  }
  return given;
}

function findOption(word: string): DaemonOption | undefined {
  const short = daemonOptions.find((option) => option.short !== undefined && word === `-${option.short}`);
  if (short !== undefined || !word.startsWith("--")) {
    return short;
  }
  const [name = "", value] = word.split("=", 2);
  const matches = daemonOptions.filter(({ long }) => `--${long}`.startsWith(name));
  const [option, other] = matches;
  if (other !== undefined) {
    throw new Error(`ambiguous option: ${name} could match ${matches.map(({ long }) => `--${long}`).join(", ")}`);
  }
  if (option !== undefined && value !== undefined) {
    throw new Error(`argument ${flagsOf(option).replace(", ", "/")}: ignored explicit argument '${value}'`);
  }
  return option;
}
