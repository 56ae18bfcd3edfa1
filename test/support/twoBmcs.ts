/** Two BMCs on the embedded simulator, for tests by other people's clients: `lab-01`, and `lab-02` without VMware Tools. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { defined } from "../../src/base/defined.js";
import { type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { freeUdpPort } from "./ports.js";
import { type Outcome, run } from "./programs.js";
import { type Daemon, startDaemon } from "./stack.js";
import { removeFolder } from "./temporaryFolder.js";

const account = { username: "lab", password: "vsphere" };

export interface TwoBmcs {
  readonly daemon: Daemon;
  readonly simulator: Simulator;
  /** A home folder, where FreeIPMI is asked to keep its copies of SDR repositories. */
  readonly home: string;
  /** UDP port of each BMC, by its name. */
  readonly port: (name: Name) => number;
  readonly vm: (name: Name) => SimulatedVm;
  /**
   * A command line of blank-separated words, or its words, with `PORT` for the port of `lab-01` (`PORT2`: of `lab-02`) and
   * `HOME` for the home folder.
   */
  readonly sh: (
    line: string | readonly string[],
    options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

type Name = "lab-01" | "lab-02";

/** `configuration` goes into virtualbmc.conf. Both VMs are off; users of both: admin with password `password`. */
export async function startTwoBmcs({ configuration = "" } = {}): Promise<TwoBmcs> {
  const home = await mkdtemp(path.join(tmpdir(), "vbmc-clients-"));
  const vms = [{ name: "lab-01" }, { name: "lab-02" }];
  const simulator = await startSimulator({
    ...{ address: "127.0.0.1", port: 0, tls: true, vms, withoutTools: ["lab-02"] },
    ...account,
  });
  const daemon = await startDaemon(configuration);
  const ports = { "lab-01": await freeUdpPort(), "lab-02": await freeUdpPort() };
  for (const [name, port] of Object.entries(ports)) {
    const viserver = ["--viserver", new URL(simulator.url).host, "--viserver-username", account.username];
    const at = ["--address", "127.0.0.1", "--port", String(port), "--viserver-password", account.password];
    assert.deepEqual(await daemon.vbmc("add", name, ...at, ...viserver), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(await daemon.vbmc("start", name), { code: 0, stdout: "", stderr: "" });
  }
  const fill = (text: string): string =>
    text
      .replaceAll("PORT2", String(ports["lab-02"]))
      .replaceAll("PORT", String(ports["lab-01"]))
      .replaceAll("HOME", home);
  return {
    daemon,
    simulator,
    home,
    port: (name) => ports[name],
    vm: (name) => [...simulator.inventory.vms.values()].find((vm) => vm.name === name)!,
    sh: (line, options = {}) => {
      const words = typeof line === "string" ? line.split(" ") : line;
      const [command = "", ...args] = words.map(fill);
      const env = { ...process.env, ...options.env };
      return run(command, args, defined({ env, input: options.input === undefined ? undefined : fill(options.input) }));
    },
    close: async () => {
      await daemon.close();
      await simulator.close();
      await removeFolder(home);
    },
  };
}
