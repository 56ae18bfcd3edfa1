/** IPMI power control of one VM: on return the requested state is reached, else an error says why not. */
import { MachineError } from "../model/machine/errors.js";
import type { PowerOperation } from "../model/machine/machine.js";
import type { MachineSnapshot, PowerState } from "../model/machine/snapshot.js";
import { isFault } from "./faults.js";
import type { KnownState } from "./knownState.js";
import { toNews, watchedPaths } from "./machineSnapshot.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf } from "./soapValue.js";
import { begin, type Progress, runTask } from "./task.js";

export interface PowerControlOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly state: KnownState;
  /** See ReadIdentity. */
  readonly hasOldSmbios: () => boolean;
  /** Prepares the VM before it is switched on or reset; throws if it must not be. */
  readonly beforeStart: (start: "on" | "reset", progress: Progress) => Promise<void>;
  /** Called after vCenter has switched it on or reset it at our request. */
  readonly onStart: () => void;
  /** Runs after the commands in progress; a failure is reported as one that no client has seen. */
  readonly later: (step: (progress: Progress) => Promise<void>) => void;
}

export interface PowerControl {
  /** Reads the current state from the server. */
  readonly read: (timeoutMs: number) => Promise<MachineSnapshot>;
  readonly perform: (operation: PowerOperation, request: PowerRequest) => Promise<void>;
}

export interface PowerRequest {
  readonly progress: Progress;
  readonly timeoutMs: number;
  /** How long a power cycle stays off, ms. */
  readonly cycleIntervalMs: number;
}

/** How long a push may lag behind the task that caused it before the state is read, ms. */
export const pushLagMs = 600;
/** A guest that has not shut down within this time is assumed to have ignored the request, ms. */
const shutdownPatienceMs = 10 * 60_000;

const taskMethods = { on: "PowerOnVM_Task", off: "PowerOffVM_Task" } as const;
const effects = { on: "poweredOn", off: "poweredOff" } as const;

/** Message for ToolsUnavailable without vSphere's terms. */
const toolsMissing =
  "VMware Tools are not running in the guest, so it cannot be asked to do that: install or start them";

export function createPowerControl(options: PowerControlOptions): PowerControl {
  const { session, reference, state } = options;
  /** A requested guest shutdown in progress, and whether the VM is to be switched on afterwards. */
  let shutdown: { isOnWanted: boolean } | undefined;

  async function read(timeoutMs: number): Promise<MachineSnapshot> {
    const mark = state.mark();
    const properties = await readProperties(session, reference, watchedPaths, { timeoutMs, urgency: "statistics" });
    const news = toNews(properties, options.hasOldSmbios());
    if (news instanceof MachineError) {
      throw news;
    }
    state.adopt(news, mark);
    return news;
  }

  /** Waits until the effect is visible, so that the next status is already true. */
  async function awaitEffect(effect: PowerState): Promise<void> {
    if (!(await state.awaitPowerState(effect, pushLagMs))) {
      await read(pushLagMs);
    }
  }

  /** A suspended VM counts as off in IPMI, and vSphere would discard its memory: check before a power off. */
  async function isSuspended(timeoutMs: number): Promise<boolean> {
    const known = state.current()?.powerState ?? "suspended";
    return known === "suspended" && (await read(timeoutMs)).powerState === "suspended";
  }

  /** Resolves with true if this task changed the state; false: it was there already, or something else changed it. */
  async function switchTo(progress: Progress, operation: "on" | "off"): Promise<boolean> {
    if (operation === "on") {
      await options.beforeStart("on", progress);
    }
    try {
      await runTask(session, reference, progress, taskMethods[operation]);
      if (operation === "on") {
        options.onStart();
      }
    } catch (error) {
      const existing = existingState(error);
      if (existing !== effects[operation]) {
        throw error;
      }
      await awaitEffect(existing);
      return false;
    }
    await awaitEffect(effects[operation]);
    return true;
  }

  async function switchOn(progress: Progress): Promise<void> {
    const pending = shutdown;
    const wasWanted = pending?.isOnWanted ?? false;
    const wish = (isOnWanted: boolean): void => {
      if (pending) {
        pending.isOnWanted = isOnWanted;
      }
    };
    // A guest that is shutting down will soon be off: switch it on then.
    wish(true);
    try {
      if (await switchTo(progress, "on")) {
        shutdown = shutdown === pending ? undefined : shutdown;
      }
    } catch (error) {
      wish(wasWanted);
      throw error;
    }
  }

  async function askGuest(progress: Progress, method: "ShutdownGuest" | "RebootGuest"): Promise<void> {
    try {
      await session.call(method, reference, {}, { beforeSend: () => begin(progress) });
    } catch (error) {
      throw isFault(error, "ToolsUnavailable") ? new MachineError("invalidState", toolsMissing) : error;
    }
  }

  async function shutDownGuest(progress: Progress): Promise<void> {
    try {
      await askGuest(progress, "ShutdownGuest");
    } catch (error) {
      const existing = existingState(error);
      if (existing === "poweredOff" || existing === "suspended") {
        return awaitEffect(existing);
      }
      throw error;
    }
    const mine = { isOnWanted: false };
    shutdown = mine;
    void state.awaitPowerState("poweredOff", shutdownPatienceMs).then((isOff) => {
      if (shutdown === mine) {
        shutdown = undefined;
        if (isOff && mine.isOnWanted) {
          options.later(async (progress) => {
            await switchTo(progress, "on");
          });
        }
      }
    });
  }

  /** Always sends the request and lets vSphere decide: the pushed state may be stale. */
  async function perform(operation: PowerOperation, request: PowerRequest): Promise<void> {
    const { progress, timeoutMs, cycleIntervalMs } = request;
    if (operation === "on") {
      return switchOn(progress);
    }
    // Any new command replaces an earlier shutdown and the request to switch on after it.
    if (shutdown && operation === "softShutdown") {
      shutdown.isOnWanted = false;
    } else {
      shutdown = undefined;
    }
    switch (operation) {
      case "off":
        if (!(await isSuspended(timeoutMs))) {
          await switchTo(progress, "off");
        }
        return;
      case "softShutdown":
        return shutDownGuest(progress);
      case "reset":
        await options.beforeStart("reset", progress);
        await runTask(session, reference, progress, "ResetVM_Task");
        options.onStart();
        return;
      case "softReset":
        return askGuest(progress, "RebootGuest");
      case "cycle":
        if (await isSuspended(timeoutMs)) {
          throw new MachineError("invalidState", `the VM is off: ${operation} needs one that is on`);
        }
        await runTask(session, reference, progress, taskMethods.off);
        await awaitEffect(effects.off);
        await new Promise((resolve) => setTimeout(resolve, cycleIntervalMs));
        await switchTo(progress, "on");
    }
  }

  return { read, perform };
}

/** The VM's actual state, from an InvalidPowerState fault. */
function existingState(error: unknown): PowerState | undefined {
  return isFault(error, "InvalidPowerState")
    ? (textOf(fieldOf(error.detail, "existingState")) as PowerState | undefined)
    : undefined;
}
