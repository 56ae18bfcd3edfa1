/** All VMs that a link serves: they are found, watched, told about and operated, over whatever session there is. */
import { MachineError } from "../machine/errors.js";
import type { MachineOperation, MachineOperationResult } from "../machine/operation.js";
import type { MachineSnapshot } from "../machine/snapshot.js";
import type { FromLink, LinkConfiguration, LogLevel, ServedMachine } from "../child/messages.js";
import { isRefusal, toMachineError } from "../vsphere/faults.js";
import { findMachines } from "../vsphere/inventory.js";
import { toNews } from "../vsphere/machineSnapshot.js";
import type { MoRef } from "../vsphere/moRef.js";
import type { Properties } from "../vsphere/properties.js";
import type { VimSession } from "../vsphere/session.js";
import { createStatisticsReader, type StatisticsReader } from "../vsphere/statistics.js";
import { createVirtualMachine, replyReserveMs } from "../vsphere/virtualMachine.js";
import { createWatch, type Watch } from "../vsphere/watch.js";
import { openBootMemory } from "./bootMemoryFile.js";
import { createBootWatch } from "./bootWatch.js";
import { createServedVm, type FoundVm, type ServedVm } from "./servedMachine.js";

export interface ServedMachines {
  readonly serve: (machines: readonly ServedMachine[]) => void;
  readonly withdraw: (vmNames: readonly string[]) => void;
  readonly operate: (vmName: string, operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Finds and watches over the session until the session or the server is lost; rejects with why. */
  readonly connected: (session: VimSession) => Promise<void>;
  /** Updates are awaited, of one VM at least. */
  readonly isWatching: () => boolean;
  /** Nobody knows anything any more. */
  readonly disconnected: (problem: MachineError) => void;
  readonly close: () => void;
}

export interface ServedMachinesOptions {
  readonly configuration: LinkConfiguration;
  /** Of whatever connection there is when it is used. */
  readonly session: () => VimSession;
  /** Why there is no connection; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  readonly send: (message: FromLink) => void;
  readonly log: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
}

/** VMs that are added one by one are looked up together, ms. */
const gatherMs = 50;
/** A VM that was not found may be created or shown to the account later, ms. */
const searchAgainMs = 60_000;
/** After a look-up that failed while the connection holds, ms. */
const lookUpAgainMs = 5_000;

export function createServedMachines(options: ServedMachinesOptions): ServedMachines {
  const { configuration, problem, send, log } = options;
  const { viserver } = configuration;
  const served = new Map<string, ServedVm>();
  /** By the value of the reference; two BMCs may stand for one VM. */
  const byReference = new Map<string, Set<ServedVm>>();
  /** Brings what is watched in line with what is served; undefined without a connection. */
  let refresh: (() => Promise<void>) | undefined;
  /** Of the present connection: what counters there are is asked once. */
  let statistics: StatisticsReader | undefined;
  let stopWatching: (() => void) | undefined;
  let refreshTimer: NodeJS.Timeout | undefined;
  let refreshDueAt = 0;

  /** One that is due sooner stays. */
  function scheduleRefresh(delayMs: number): void {
    const dueAt = Date.now() + delayMs;
    if (refreshTimer && refreshDueAt <= dueAt) {
      return;
    }
    clearTimeout(refreshTimer);
    refreshDueAt = dueAt;
    refreshTimer = setTimeout(() => {
      refreshTimer = undefined;
      refresh?.().catch(lookUpFailed);
    }, delayMs);
  }

  function lookUpFailed(error: unknown): void {
    log("warn", "VMs could not be looked up", { reason: toMachineError(error).message });
    scheduleRefresh(isRefusal(error) ? searchAgainMs : lookUpAgainMs);
  }

  /** The session goes on when the server refuses something: some VMs may be there all the same. */
  function firstLookUpFailed(error: unknown): void {
    if (!isRefusal(error)) {
      throw error;
    }
    lookUpFailed(error);
  }

  async function refreshOnce(session: VimSession, watch: Watch): Promise<void> {
    const missing = [...served.values()].filter(({ found }) => !found());
    if (missing.length > 0) {
      const results = await findMachines(
        session,
        missing.map(({ machine }) => machine),
        configuration,
      );
      for (const [index, machine] of missing.entries()) {
        // A file is read for each: nobody else is to wait for many.
        if (index % 50 === 49) {
          await new Promise(setImmediate);
        }
        // Some may have been withdrawn meanwhile.
        if (isServed(machine)) {
          settle(machine, results.get(machine.vmName));
        }
      }
    }
    const references = [...byReference.values()].flatMap((machines) => [...machines][0]?.found()?.reference ?? []);
    await watch.watch(references);
    if ([...served.values()].some(({ found }) => !found())) {
      scheduleRefresh(searchAgainMs);
    }
  }

  function settle(machine: ServedVm, result: MoRef | MachineError | undefined): void {
    if (result instanceof MachineError) {
      const before = machine.news();
      if (!(before instanceof MachineError) || before.message !== result.message) {
        log("warn", result.message, { vm: machine.vmName });
      }
      machine.tell(result);
    } else if (result) {
      attach(machine, result);
    }
  }

  function attach(machine: ServedVm, reference: MoRef): void {
    machine.attach(findingOf(machine, reference));
    byReference.set(reference.value, (byReference.get(reference.value) ?? new Set()).add(machine));
  }

  function detach(machine: ServedVm): void {
    const found = machine.found();
    if (!found) {
      return;
    }
    found.bootWatch.stop();
    machine.attach(undefined);
    const same = byReference.get(found.reference.value);
    same?.delete(machine);
    if (same?.size === 0) {
      byReference.delete(found.reference.value);
    }
  }

  function findingOf(machine: ServedVm, reference: MoRef): FoundVm {
    const { vmName, state } = machine;
    const bootMemory = openBootMemory(machine.machine.directory, (file) =>
      log("warn", "the boot order to give back is lost: the file is damaged", { vm: vmName, file }),
    );
    const bootWatch = createBootWatch({
      memory: bootMemory,
      session: options.session,
      restore: () => virtualMachine.restoreBootOrder(),
      log: (level, message, fields) => log(level, message, { vm: vmName, ...fields }),
    });
    const virtualMachine = createVirtualMachine({
      session: options.session(),
      viserver,
      reference,
      state,
      bootMemory,
      nextBoot: configuration.nextBoot,
      onStart: bootWatch.onStart,
      onBootDelayed: () =>
        log("info", "the server takes no boot device while the VM is on: it holds from the next power on by the BMC", {
          vm: vmName,
        }),
      readStatistics: async (...request) => {
        if (!statistics) {
          throw problem() ?? new MachineError("busy", `there is no connection to ${viserver} now`);
        }
        return statistics(...request);
      },
      onGone: () => onGone(machine),
      onLateFailure: (operation, reason) => {
        log("warn", "a command failed after its client was answered", { vm: vmName, operation, reason });
        send({ type: "machineEvent", vmName, event: { kind: "operationFailed", operation, reason } });
      },
    });
    return { reference, virtualMachine, bootWatch };
  }

  /** It may have been registered anew, so it is looked for at once. */
  function onGone(machine: ServedVm): void {
    detach(machine);
    machine.tell(new MachineError("notFound", `the VM of ${machine.vmName} has been removed from ${viserver}`));
    scheduleRefresh(0);
  }

  /** Whoever cannot be watched is looked for again, since a right may be granted at any time. */
  function onRefused(machine: ServedVm, why: MachineError): void {
    detach(machine);
    settle(machine, why);
    scheduleRefresh(searchAgainMs);
  }

  function onUpdate(reference: MoRef, properties: Properties | "gone" | MachineError): void {
    for (const machine of [...(byReference.get(reference.value) ?? [])]) {
      if (properties === "gone") {
        onGone(machine);
      } else if (properties instanceof MachineError) {
        onRefused(machine, properties);
      } else {
        observe(machine, toNews(properties), properties);
      }
    }
  }

  function observe(machine: ServedVm, news: MachineSnapshot | MachineError, properties: Properties): void {
    machine.tell(news);
    if (!(news instanceof MachineError)) {
      machine.found()?.bootWatch.observe(news, properties);
    }
  }

  function tellAll(news: MachineError): void {
    served.forEach((machine) => machine.tell(news));
  }

  function isServed(machine: ServedVm): boolean {
    return served.get(machine.vmName) === machine;
  }

  function serveOne(machine: ServedMachine): void {
    const { vmName } = machine;
    const former = served.get(vmName);
    if (former && JSON.stringify(former.machine) === JSON.stringify(machine)) {
      former.repeat();
      return;
    }
    if (former) {
      detach(former);
    }
    const added = createServedVm(machine, (report) => send({ type: "machineReport", vmName, report }));
    served.set(vmName, added);
    const why = problem();
    if (why) {
      added.tell(why);
    }
  }

  async function operateOn(
    { found, vmName, news }: ServedVm,
    operation: MachineOperation,
    timeoutMs: number,
  ): Promise<MachineOperationResult> {
    const vm = found();
    if (vm) {
      return vm.virtualMachine.run(operation, timeoutMs);
    }
    const known = news();
    const { kind, message } =
      known instanceof MachineError
        ? known
        : new MachineError("busy", `the VM of ${vmName} is still being looked for in ${viserver}`);
    return { ok: false, kind, message };
  }

  return {
    serve: (machines) => {
      machines.forEach(serveOne);
      scheduleRefresh(gatherMs);
    },
    withdraw: (vmNames) => {
      for (const vmName of vmNames) {
        const machine = served.get(vmName);
        served.delete(vmName);
        if (machine) {
          detach(machine);
        }
      }
      scheduleRefresh(gatherMs);
    },
    operate: async (vmName, operation, timeoutMs) => {
      const until = Date.now() + timeoutMs;
      const machine = served.get(vmName);
      if (!machine) {
        return { ok: false, kind: "busy", message: `${vmName} is not served yet` };
      }
      if (timeoutMs <= 0) {
        return { ok: false, kind: "busy", message: "the vCenter link has come to it too late: it is not done" };
      }
      // Right after its start a BMC is asked before vCenter could tell anything.
      await machine.lookedUp(timeoutMs - replyReserveMs);
      const wasFound = machine.found() !== undefined;
      const result = await operateOn(machine, operation, until - Date.now());
      if (result.ok || !wasFound || machine.found()) {
        return result;
      }
      // Its reference names nothing any more: perhaps there is a new one.
      await Promise.race([refresh?.().catch(() => undefined), elapsed((until - Date.now()) / 2)]);
      return operateOn(machine, operation, until - Date.now());
    },
    connected: async (session) => {
      const watch = createWatch(session, {
        onUpdate,
        onRefused: (why) => {
          log("warn", "the state of VMs is not pushed, and is read when asked for", { reason: why.message });
          byReference.forEach((machines) => machines.forEach((machine) => machine.tell(why)));
        },
        onSilence: () => tellAll(new MachineError("busy", `${viserver} has not been heard of for some seconds`)),
      });
      stopWatching = watch.stop;
      refresh = singleFlight(() => refreshOnce(session, watch));
      statistics = createStatisticsReader(session, (reason) =>
        log("warn", "vSphere gives no performance counters", { reason }),
      );
      try {
        const watching = watch.run();
        watching.catch(() => undefined);
        await Promise.race([watching, refresh().catch(firstLookUpFailed)]);
        await watching;
      } finally {
        watch.stop();
        refresh = undefined;
        statistics = undefined;
      }
    },
    isWatching: () => byReference.size > 0,
    disconnected: tellAll,
    close: () => {
      clearTimeout(refreshTimer);
      stopWatching?.();
      served.forEach(detach);
    },
  };
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Never two at a time: whoever asks during one gets another one after it, shared with all others who ask. */
function singleFlight(work: () => Promise<void>): () => Promise<void> {
  let present: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  function start(): Promise<void> {
    present = work().finally(() => (present = undefined));
    return present;
  }
  return () => {
    if (!present) {
      return start();
    }
    following ??= present
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return start();
      });
    return following;
  };
}
