/** A vSphere client that is not ours (pyVmomi), to look at the VMs behind a BMC. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { closedAtTheEnd } from "./leftOpen.js";
import { inRepository } from "./repository.js";

const script = inRepository("test/support/witness.py");
/** Debian's interpreter: its packages are not visible to another Python that comes first in PATH. */
const python = "/usr/bin/python3";

export interface WitnessedMachine {
  readonly powerState: "poweredOn" | "poweredOff" | "suspended";
  readonly bootOrder: readonly ("ethernet" | "disk" | "cdrom" | "floppy")[];
  readonly enterBiosSetup: boolean;
  readonly uuid: string;
  readonly instanceUuid: string;
}

/** quickStats of a VM's summary. */
export interface WitnessedStatistics {
  readonly cpuMhz: number;
  readonly consumedMemoryMb: number;
}

/** What a VM is made of; null is unset. */
export interface WitnessedHardware {
  readonly cpuCount: number;
  readonly coresPerSocket: number | null;
  readonly memorySizeMb: number;
  readonly cpuModel: string;
  readonly firmware: string;
  /** Keys of storage controllers, and of CD drives below. */
  readonly controllers: readonly number[];
  readonly disks: readonly (readonly [key: number, controllerKey: number, bytes: number, uuid: string | null])[];
  readonly drives: readonly number[];
  readonly cards: readonly (readonly [key: number, macAddress: string, isConnected: boolean])[];
  /** Of each of the guest's interfaces. */
  readonly addresses: readonly (readonly string[])[];
}

/** A CD or floppy drive; a field that is unset is null. */
export interface WitnessedDrive {
  /** vim25 type. */
  readonly controller: string | null;
  readonly image: string | null;
  readonly isConnected: boolean;
  readonly startsConnected: boolean;
}

/** A serial port; a field that is unset is null. */
export interface WitnessedSerialPort {
  /** vim25 type, without `VirtualSerialPort` in some versions of pyVmomi. */
  readonly backing: string;
  readonly serviceUri: string | null;
  readonly direction: string | null;
  readonly proxyUri: string | null;
  readonly startsConnected: boolean | null;
  readonly yieldsOnPoll: boolean;
}

export interface Witness {
  readonly names: () => Promise<readonly string[]>;
  readonly look: (vm: string) => Promise<WitnessedMachine>;
  readonly hardware: (vm: string) => Promise<WitnessedHardware>;
  readonly statistics: (vm: string) => Promise<WitnessedStatistics>;
  readonly media: (vm: string) => Promise<readonly WitnessedDrive[]>;
  readonly serialPorts: (vm: string) => Promise<readonly WitnessedSerialPort[]>;
  /** Of a folder in the VM's datastore. */
  readonly files: (vm: string, folder: string) => Promise<readonly (readonly [name: string, size: number])[]>;
  /** Runs the task behind the BMC's back and awaits it. */
  readonly change: (vm: string, action: "PowerOn" | "PowerOff" | "Reset" | "Suspend") => Promise<void>;
  readonly close: () => Promise<void>;
}

export function hasPyvmomi(): boolean {
  return spawnSync(python, ["-W", "ignore", "-c", "import pyVmomi"]).status === 0;
}

export async function openWitness(url: string, user: string, password: string): Promise<Witness> {
  const child = spawn(python, ["-W", "ignore", script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function ask(request: Record<string, unknown>): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await lines.next();
    if (line.done) {
      throw new Error("the pyVmomi witness ended");
    }
    const reply = JSON.parse(line.value) as Record<string, unknown>;
    if (typeof reply["error"] === "string") {
      throw new Error(`${String(request["action"])}: ${reply["error"]}`);
    }
    return reply["value"];
  }

  const { hostname, port } = new URL(url);
  await ask({ host: hostname, port: Number(port), user, password });
  return {
    names: async () => (await ask({ action: "names" })) as string[],
    look: async (vm) => (await ask({ action: "look", vm })) as WitnessedMachine,
    hardware: async (vm) => (await ask({ action: "hardware", vm })) as WitnessedHardware,
    statistics: async (vm) => (await ask({ action: "statistics", vm })) as WitnessedStatistics,
    media: async (vm) => (await ask({ action: "media", vm })) as WitnessedDrive[],
    serialPorts: async (vm) => (await ask({ action: "serialPorts", vm })) as WitnessedSerialPort[],
    files: async (vm, folder) => (await ask({ action: "files", vm, folder })) as [string, number][],
    change: async (vm, action) => {
      await ask({ action, vm });
    },
    close: closedAtTheEnd(async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    }),
  };
}
