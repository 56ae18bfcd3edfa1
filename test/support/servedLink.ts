/** A vCenter link in this process, at a simulator whose behaviour the test commands. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "node:test";

import { defined } from "../../src/base/defined.js";
import { createRemoteMachine, type RemoteMachine } from "../../src/process/child/remoteMachine.js";
import type { LinkConfiguration } from "../../src/process/ipc/configuration.js";
import type { FromLink } from "../../src/process/ipc/link.js";
import type { LinkState, MachineReport } from "../../src/process/ipc/reports.js";
import type { KeepAliveIntervals } from "../../src/process/link/keepAlive.js";
import { createVcenterLink, type VcenterLink } from "../../src/process/link/vcenterLink.js";
import { type SimulatedVm, type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.js";
import type { LoginLimits } from "../../src/vsphere/sessionLogin.js";
import { closedAtTheEnd } from "./leftOpen.js";
import { patiently } from "./patience.js";
import { removeFolder } from "./temporaryFolder.js";

/** As hard to write in XML as accounts and passwords may be. */
export const account = { username: "vbmc user@vsphere.local", password: ` <![CDATA[p&<>"'];#%=ü ]]>` };

export interface ServedLink {
  readonly simulator: Simulator;
  readonly link: VcenterLink;
  readonly messages: readonly FromLink[];
  /** Resolves with the first message, from the `after`th on, that fits. */
  readonly until: (fits: (message: FromLink) => boolean, after?: number) => Promise<FromLink>;
  /** Serves VMs and resolves when the state of each is known. */
  readonly serve: (...vmNames: string[]) => Promise<void>;
  /** The machine as a BMC child has it. */
  readonly machine: (vmName: string) => RemoteMachine;
  readonly vm: (name: string) => SimulatedVm;
  /** Resolves when the last report on the VM fits. */
  readonly reported: (vmName: string, fits: (report: MachineReport) => boolean) => Promise<MachineReport>;
  readonly calls: (method: string) => number;
  readonly directory: string;
  readonly stopLink: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ServedLinkOptions {
  readonly simulator?: Partial<SimulatorOptions>;
  readonly configuration?: Partial<LinkConfiguration>;
  /** An earlier one's, whose simulator and folder are used again. */
  readonly after?: ServedLink;
  readonly intervals?: Partial<KeepAliveIntervals>;
  readonly userAgent?: string;
  readonly loginLimits?: Partial<LoginLimits>;
  readonly maxLookUpPauseMs?: number;
}

export async function startLink(options: ServedLinkOptions = {}): Promise<ServedLink> {
  const directory = options.after?.directory ?? (await mkdtemp(path.join(tmpdir(), "vbmc-link-")));
  const defaults = { address: "127.0.0.1", port: 0, vms: 2, tls: true, ...account };
  const simulator = options.after?.simulator ?? (await startSimulator({ ...defaults, ...options.simulator }));
  simulator.behaviour.taskDurationMs = 20;
  const messages: FromLink[] = [];
  const machines = new Map<string, RemoteMachine>();
  const reports = new Map<string, MachineReport>();
  const listeners = new Set<() => void>();

  const send = (message: FromLink): void => {
    messages.push(message);
    if (message.type === "machineReport") {
      reports.set(message.vmName, message.report);
      machines.get(message.vmName)?.receive(message.report);
    }
    listeners.forEach((look) => look());
  };
  const configuration: LinkConfiguration = {
    viserver: `127.0.0.1:${simulator.port}`,
    ...account,
    tls: { trustFile: path.join(directory, "certificate") },
    nextBoot: "once",
    ...options.configuration,
  };
  const link = createVcenterLink(
    configuration,
    send,
    defined({
      intervals: options.intervals,
      loginLimits: options.loginLimits,
      maxLookUpPauseMs: options.maxLookUpPauseMs,
      userAgent: options.userAgent,
    }),
  );

  function eventually<T>(look: () => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const check = (): void => {
        const value = look();
        if (value !== undefined) {
          listeners.delete(check);
          resolve(value);
        }
      };
      listeners.add(check);
      check();
    });
    return patiently(found, () => `the last messages are ${JSON.stringify(messages.slice(-5))}`);
  }

  const reported: ServedLink["reported"] = (vmName, fits) =>
    eventually(() => {
      const report = reports.get(vmName);
      return report && fits(report) ? report : undefined;
    });

  return {
    simulator,
    link,
    messages,
    until: (fits, after = 0) => eventually(() => messages.slice(after).find(fits)),
    serve: async (...vmNames) => {
      link.serve(vmNames.map((vmName) => ({ vmName, directory })));
      await Promise.all(vmNames.map((vmName) => reported(vmName, ({ fresh }) => fresh)));
    },
    machine: (vmName) => {
      const machine = createRemoteMachine((operation, deadline) => link.operate(vmName, operation, deadline));
      machines.set(vmName, machine);
      const report = reports.get(vmName);
      if (report) {
        machine.receive(report);
      }
      return machine;
    },
    vm: (name) => {
      const found = [...simulator.inventory.vms.values()].find((candidate) => candidate.name === name);
      if (!found) {
        throw new Error(`the simulator has no VM ${name}`);
      }
      return found;
    },
    reported,
    calls: (method) => simulator.calls.get(method) ?? 0,
    directory,
    stopLink: link.stop,
    close: closedAtTheEnd(async () => {
      await link.stop();
      await simulator.close();
      await removeFolder(directory);
    }),
  };
}

export function isState(state: LinkState["state"]): (message: FromLink) => boolean {
  return (message) => message.type === "linkState" && message.linkState.state === state;
}

export function isOn(report: MachineReport): boolean {
  return report.fresh && report.snapshot.powerState === "poweredOn";
}

export function isOff(report: MachineReport): boolean {
  return report.fresh && report.snapshot.powerState === "poweredOff";
}

/** Changes a VM behind the link's back, as someone at the vSphere client does. */
export function switchElsewhere({ simulator }: ServedLink, vm: SimulatedVm, state: SimulatedVm["powerState"]): void {
  vm.powerState = state;
  vm.bootTime = state === "poweredOn" ? new Date() : undefined;
  simulator.inventory.changed(vm);
}

/** Starts links for the tests of one file; each test's links are closed when it ends. */
export function linksOfThisFile(): (options?: ServedLinkOptions) => Promise<ServedLink> {
  let opened: ServedLink[] = [];
  afterEach(async () => {
    await Promise.all(opened.map(({ close }) => close()));
    opened = [];
  });
  return async (options) => {
    const link = await startLink(options);
    opened.push(link);
    return link;
  };
}
