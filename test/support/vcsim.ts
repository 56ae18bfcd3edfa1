/** govmomi's vCenter simulator, built once from test/vcsim/main.go and Debian's Go library. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { buildWithGovmomi, govmomiPeer } from "./govmomi.js";
import { closedAtTheEnd } from "./leftOpen.js";

export const vcsimPeer = govmomiPeer;

export interface Vcsim {
  /** Without user and password; ends in `/sdk`. */
  readonly url: string;
  /** Resolves with the path of the VM's file once the host's page is asked for the next diagnostic interrupt. */
  readonly interrupted: () => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

/** Makes `2 × vms` VMs, named `DC0_H0_VM0`, `DC0_C0_RP0_VM0` … */
export async function startVcsim(options: {
  readonly vms: number;
  readonly username: string;
  readonly password: string;
  readonly esx?: boolean;
  /** It tells of every update on stderr. */
  readonly isQuiet?: boolean;
}): Promise<Vcsim> {
  const { vms, username, password, esx = false, isQuiet = false } = options;
  const child = spawn(buildWithGovmomi("test/vcsim/main.go"), ["-vm", String(vms), ...(esx ? ["-esx"] : [])], {
    env: { ...process.env, VCSIM_USERNAME: username, VCSIM_PASSWORD: password },
    stdio: ["pipe", "pipe", isQuiet ? "ignore" : "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const url = await lines.next();
  if (url.done) {
    throw new Error("vcsim ended before it told its URL");
  }
  return {
    url: url.value,
    interrupted: async () => (await lines.next()).value as string | undefined,
    close: closedAtTheEnd(async () => {
      child.stdin.end();
      await exited;
    }),
  };
}
