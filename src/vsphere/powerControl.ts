/** IPMI power control of one VM: on return the requested state is reached, else an error says why not. */
import { MachineError } from "../model/machine/errors.js";
import type { PowerOperation } from "../model/machine/machine.js";
import type { MachineSnapshot, PowerState } from "../model/machine/snapshot.js";
import { createGuestShutdown, existingState } from "./guestShutdown.js";
import type { KnownState } from "./knownState.js";
import { toUpdate, watchedPaths } from "./machineSnapshot.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { type Progress, runTask } from "./task.js";

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
const taskMethods = { on: "PowerOnVM_Task", off: "PowerOffVM_Task" } as const;
const effects = { on: "poweredOn", off: "poweredOff" } as const;

export function createPowerControl(options: PowerControlOptions): PowerControl {
  const { session, reference, state } = options;
  const read = (timeoutMs: number): Promise<MachineSnapshot> => readState(options, timeoutMs);
  const guest = createGuestShutdown({
    session,
    reference,
    state,
    switchOnLater: () => {
      options.later(async (progress) => {
        await switchTo(progress, "on");
      });
    },
  });

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

  async function cycle({ progress, timeoutMs, cycleIntervalMs }: PowerRequest): Promise<void> {
    if (await isSuspended(timeoutMs)) {
      throw new MachineError("invalidState", "the VM is off: cycle needs one that is on");
    }
    await runTask(session, reference, progress, taskMethods.off);
    await awaitEffect(effects.off);
    await new Promise((resolve) => setTimeout(resolve, cycleIntervalMs));
    await switchTo(progress, "on");
  }

  async function reset(progress: Progress): Promise<void> {
    await options.beforeStart("reset", progress);
    await runTask(session, reference, progress, "ResetVM_Task");
    options.onStart();
  }

  async function softShutdown(progress: Progress): Promise<void> {
    const existing = await guest.request(progress);
    if (existing !== undefined) {
      await awaitEffect(existing);
    }
  }

  const operations: Readonly<Record<PowerOperation, (request: PowerRequest) => Promise<void>>> = {
    on: ({ progress }) => guest.duringSwitchOn(() => switchTo(progress, "on")),
    off: async ({ progress, timeoutMs }) => {
      if (!(await isSuspended(timeoutMs))) {
        await switchTo(progress, "off");
      }
    },
    softShutdown: ({ progress }) => softShutdown(progress),
    reset: ({ progress }) => reset(progress),
    softReset: ({ progress }) => guest.requestReboot(progress),
    cycle,
  };
  return {
    read,
    /** Always sends the request and lets vSphere decide: the pushed state may be stale. */
    perform: (operation, request) => {
      if (operation !== "on") {
        guest.replace(operation === "softShutdown");
      }
      return operations[operation](request);
    },
  };
}

async function readState(options: PowerControlOptions, timeoutMs: number): Promise<MachineSnapshot> {
  const { session, reference, state } = options;
  const mark = state.mark();
  const properties = await readProperties(session, reference, watchedPaths, { timeoutMs, urgency: "statistics" });
  const update = toUpdate(properties, options.hasOldSmbios());
  if (update instanceof MachineError) {
    throw update;
  }
  state.adopt(update, mark);
  return update;
}
