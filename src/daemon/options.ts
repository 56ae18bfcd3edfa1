import { parseArgs } from "node:util";

export const usage = `usage: vbmcd [-h] [--version] [--foreground] [--check-config]`;

export const help = `${usage}

Serves the virtual BMCs that vbmc has added. Runs in the background unless told otherwise.

options:
  -h, --help      show this help and exit
  --version       show the version and exit
  --foreground    do not go into the background; log to the terminal
  --check-config  print the effective configuration and exit
`;

export interface DaemonOptions {
  readonly help: boolean;
  readonly version: boolean;
  readonly foreground: boolean;
  readonly checkConfig: boolean;
}

/** @throws Error with one line for an unknown option or an argument */
export function parseOptions(argv: readonly string[]): DaemonOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h", default: false },
      version: { type: "boolean", default: false },
      foreground: { type: "boolean", default: false },
      "check-config": { type: "boolean", default: false },
    },
  });
  const { "check-config": checkConfig, ...others } = values;
  return { ...others, checkConfig };
}
