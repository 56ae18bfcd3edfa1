/** The two vCenter simulators that end-to-end tests run against: ours, and govmomi's. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { startSimulator } from "../../src/simulator/index.js";
import { closedAtTheEnd } from "./leftOpen.js";
import { removeFolder } from "./temporaryFolder.js";
import { startVcsim, vcsimPeer } from "./vcsim.js";

export interface RunningVcenter {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Diagnostic interrupts that reached the guest, where the simulator can tell. */
  readonly nmiCount?: (vmName: string) => number;
  readonly close: () => Promise<void>;
}

export interface Vcenter {
  readonly name: string;
  /** The reason why it cannot run here, naming the Debian package. */
  readonly skip: string | false;
  /** Whether the guests of its VMs start VMware Tools by themselves. */
  readonly toolsComeUp: boolean;
  /** Whether a drive that starts connected is connected once its VM is on. */
  readonly connectsDrives: boolean;
  /** Whether another firmware of a VM is pushed. */
  readonly tellsFirmware: boolean;
  /** Whether its VMs have a floppy drive. */
  readonly hasFloppy: boolean;
  /** Starts it with at least `vmCount` VMs. */
  readonly start: (vmCount: number) => Promise<RunningVcenter>;
}

const account = { username: "lab user", password: `p<a&s;s#w'o"r]d %` };

export const vcenters: readonly Vcenter[] = [
  {
    name: "the embedded simulator",
    skip: false,
    toolsComeUp: true,
    connectsDrives: true,
    tellsFirmware: true,
    hasFloppy: true,
    start: async (vms) => {
      const stateDirectory = await mkdtemp(path.join(tmpdir(), "vbmc-simulator-"));
      const simulator = await startSimulator({
        address: "127.0.0.1",
        port: 0,
        vms,
        tls: true,
        stateDirectory,
        ...account,
      });
      return {
        url: simulator.url,
        nmiCount: (vmName) => [...simulator.inventory.vms.values()].find(({ name }) => name === vmName)?.nmiCount ?? 0,
        ...account,
        close: closedAtTheEnd(async () => {
          await simulator.close();
          await removeFolder(stateDirectory);
        }),
      };
    },
  },
  {
    name: "govmomi's simulator",
    skip: vcsimPeer.skip,
    toolsComeUp: false,
    connectsDrives: false,
    tellsFirmware: false,
    hasFloppy: false,
    start: async (vms) => ({ ...account, ...(await startVcsim({ vms, ...account })) }),
  },
];
