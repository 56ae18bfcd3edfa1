/** OpenStack's sushy (Python) as a client: one session, many steps. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { withoutCertificates } from "./programs.js";
import { inRepository } from "./repository.js";

export interface Sushy {
  /** One of `steps` in sushyClient.py, with a System that was read again; rejects with what sushy says is wrong. */
  readonly run: (step: string, ...args: readonly string[]) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** `authority`: file of the certificate that the service shows. */
export function openSushy(port: number, user: string, password: string, authority: string): Sushy {
  const script = inRepository("test/support/sushyClient.py");
  const child = spawn("/usr/bin/python3", ["-W", "ignore", script, String(port), user, password, authority], {
    stdio: ["pipe", "pipe", "inherit"],
    env: withoutCertificates(process.env),
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (step, ...args) => {
      child.stdin.write(`${JSON.stringify({ step, args })}\n`);
      const line = await lines.next();
      if (line.done) {
        throw new Error("sushy ended");
      }
      const { error, value } = JSON.parse(line.value) as { readonly error?: string; readonly value?: unknown };
      if (error !== undefined) {
        throw new Error(`${step}: ${error}`);
      }
      return value;
    },
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
