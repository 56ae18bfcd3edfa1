/** The original's `vbmc` (test/support/originalVbmc.py) in one process for many commands. */
import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";

import { type Peer, peer } from "./peer.js";
import { inRepository } from "./repository.js";

/** Debian's Python, which has its packages. */
export const python = "/usr/bin/python3";
const script = inRepository("test/support/originalVbmc.py");

export const cliff: Peer = peer("python3-cliff", () => execFileSync(python, ["-c", "import cliff, zmq"]));

export interface Answer {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OriginalClient {
  readonly run: (argv: readonly string[]) => Promise<Answer>;
  readonly close: () => void;
}

/** @param port of the daemon that it asks */
export function startOriginalClient(port: number): OriginalClient {
  const child = spawn(python, [script, "--batch"], {
    // Usage texts on one line, and nothing that the machine sets.
    env: { PATH: process.env["PATH"], VBMC_PORT: String(port), COLUMNS: "1000", PYTHONUTF8: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (argv) => {
      child.stdin.write(`${JSON.stringify(argv)}\n`);
      const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
      if (done === true) {
        throw new Error("the original's client ended");
      }
      return JSON.parse(value) as Answer;
    },
    close: () => {
      child.stdin.end();
    },
  };
}
