/** Power of one VM, as IPMI knows it: what was asked for is the case afterwards, or there is an error that says why. */
import { MachineError } from "../machine/errors.js";
import type { PowerOperation } from "../machine/machine.js";
import type { MachineSnapshot, PowerState } from "../machine/snapshot.js";
import { isFault } from "./faults.js";
import type { KnownState } from "./knownState.js";
import { toNews, watchedPaths } from "./machineSnapshot.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf } from "./soapValue.js";
import { begin, runTask, type Progress } from "./task.js";

export interface PowerControlOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly state: KnownState;
  /** What is to be done to the VM before it is switched on or reset; never rejects. */
  readonly beforeStart: () => Promise<void>;
  /** vCenter has switched it on or reset it at our request. */
  readonly onStart: () => void;
  /** Runs after the commands that are under way; a failure is told as one that its client has not seen. */
  readonly later: (step: (progress: Progress) => Promise<void>) => void;
}

export interface PowerControl {
  /** The state at the server now. */
  readonly read: (timeoutMs: number) => Promise<MachineSnapshot>;
  /** Throws `invalidState` unless the VM is on. */
  readonly requireOn: (what: string, timeoutMs: number) => Promise<void>;
  readonly perform: (operation: PowerOperation, request: PowerRequest) => Promise<void>;
}

export interface PowerRequest {
  readonly progress: Progress;
  readonly timeoutMs: number;
  /** How long a cycle stays off, ms. */
  readonly cycleIntervalMs: number;
}

/** How long a push may lag behind the task that caused it before the state is read, ms. */
const pushLagMs = 600;
/** A guest that was asked to shut down and has not done so by then will not, ms. */
const shutdownPatienceMs = 10 * 60_000;

const taskMethods = { on: "PowerOnVM_Task", off: "PowerOffVM_Task" } as const;
const effects = { on: "poweredOn", off: "poweredOff" } as const;

/** What a message says to somebody who may not know vSphere's name for it. */
const toolsMissing =
  "VMware Tools are not running in the guest, so it cannot be shut down softly: install or start them";

export function createPowerControl(options: PowerControlOptions): PowerControl {
  const { session, reference, state } = options;
  /** A guest is shutting down since it was asked to, and whether the VM is wanted on afterwards. */
  let shutdown: { isOnWanted: boolean } | undefined;

  async function read(timeoutMs: number): Promise<MachineSnapshot> {
    const mark = state.mark();
    const news = toNews(await readProperties(session, reference, watchedPaths, { timeoutMs, urgency: "power" }));
    if (news instanceof MachineError) {
      throw news;
    }
    state.adopt(news, mark);
    return news;
  }

  async function isOn(timeoutMs: number): Promise<boolean> {
    return (state.current() ?? (await read(timeoutMs))).powerState === "poweredOn";
  }

  async function requireOn(what: string, timeoutMs: number): Promise<void> {
    if (!(await isOn(timeoutMs))) {
      throw new MachineError("invalidState", `the VM is off: ${what} needs one that is on`);
    }
  }

  /** Afterwards everybody sees the effect: the next status is already true. */
  async function awaitEffect(effect: PowerState): Promise<void> {
    if (!(await state.awaitPowerState(effect, pushLagMs))) {
      await read(pushLagMs);
    }
  }

  async function switchTo(progress: Progress, operation: "on" | "off"): Promise<void> {
    const effect = effects[operation];
    if (operation === "on") {
      await options.beforeStart();
    }
    try {
      await runTask(session, reference, progress, taskMethods[operation]);
      if (operation === "on") {
        options.onStart();
      }
    } catch (error) {
      // It was there already, or got there by somebody else's hand: what was asked for is the case.
      if (!isFault(error, "InvalidPowerState") || textOf(fieldOf(error.detail, "existingState")) !== effect) {
        throw error;
      }
    }
    await awaitEffect(effect);
  }

  async function shutDownGuest(progress: Progress): Promise<void> {
    try {
      await session.call("ShutdownGuest", reference, {}, { beforeSend: () => begin(progress) });
    } catch (error) {
      throw isFault(error, "ToolsUnavailable") ? new MachineError("invalidState", toolsMissing) : error;
    }
    const mine = { isOnWanted: false };
    shutdown = mine;
    void state.awaitPowerState("poweredOff", shutdownPatienceMs).then((isOff) => {
      if (shutdown === mine) {
        shutdown = undefined;
        if (isOff && mine.isOnWanted) {
          options.later((progress) => switchTo(progress, "on"));
        }
      }
    });
  }

  async function perform(operation: PowerOperation, request: PowerRequest): Promise<void> {
    const { progress, timeoutMs, cycleIntervalMs } = request;
    const wasOn = await isOn(timeoutMs);
    if (operation === "on" && wasOn) {
      // A guest that is shutting down is about to be off: the wish is kept until then.
      if (shutdown) {
        shutdown.isOnWanted = true;
      }
      return;
    }
    // Whatever comes now takes the place of an earlier shutdown and of the wish behind it.
    if (shutdown && operation === "softShutdown") {
      shutdown.isOnWanted = false;
    } else {
      shutdown = undefined;
    }
    switch (operation) {
      case "on":
        return switchTo(progress, "on");
      case "off":
        // A VM that is off by what was pushed may be about to be on; one that is suspended is not to lose its state.
        return state.current()?.powerState === "suspended" ? undefined : switchTo(progress, "off");
      case "softShutdown":
        return wasOn ? shutDownGuest(progress) : undefined;
      case "reset":
        await requireOn(operation, timeoutMs);
        await options.beforeStart();
        await runTask(session, reference, progress, "ResetVM_Task");
        options.onStart();
        return;
      case "cycle":
        await requireOn(operation, timeoutMs);
        await switchTo(progress, "off");
        await new Promise((resolve) => setTimeout(resolve, cycleIntervalMs));
        return switchTo(progress, "on");
    }
  }

  return { read, requireOn, perform };
}
