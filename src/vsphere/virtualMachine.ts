/** One VM behind a BMC: its operations, one after the other, and the truth about how they went. */
import { MachineError } from "../machine/errors.js";
import type { BootOverride, PowerOperation } from "../machine/machine.js";
import type { MachineOperation, MachineOperationResult } from "../machine/operation.js";
import type { MachineSnapshot, PowerState } from "../machine/snapshot.js";
import { toBootOptions } from "./bootOrder.js";
import { isFault, toMachineError } from "./faults.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { applyOverride, readOverride, type BootMemory } from "./nextBoot.js";
import { sendNmi } from "./nmi.js";
import { readProperties } from "./properties.js";
import { toSnapshot, watchedPaths } from "./machineSnapshot.js";
import type { VimSession } from "./session.js";
import type { StatisticsReader } from "./statistics.js";
import { fieldOf, textOf } from "./soapValue.js";
import { taskCompletion } from "./task.js";

export interface VirtualMachineOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  /** The state last pushed. */
  readonly pushed: () => MachineSnapshot | undefined;
  /** Resolves when the pushed power state is `state`, or after `timeoutMs`. */
  readonly awaitPush: (state: PowerState, timeoutMs: number) => Promise<void>;
  /** A direct read is news as well. */
  readonly onRead: (snapshot: MachineSnapshot) => void;
  readonly bootMemory: BootMemory;
  /** `persistent`: a boot device for the next boot stays, as in the original. */
  readonly nextBoot: "once" | "persistent";
  readonly onReset: () => void;
  readonly readStatistics: StatisticsReader;
  /** An operation failed after its client had been told that it is under way. */
  readonly onLateFailure: (operation: MachineOperation["name"], reason: string) => void;
}

/** A task that vCenter has accepted is as good as done for a client that cannot wait for its end. */
interface Progress {
  isUnderWay: boolean;
}

export interface VirtualMachine {
  /** Never rejects; answers within about `timeoutMs`. */
  readonly run: (operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Gives the boot order back that the VM had before a boot device for one start. Rejects with MachineError. */
  readonly restoreBootOrder: () => Promise<void>;
}

/** A reply must be under way before its client gives up: this much earlier an operation lets go of its task, ms. */
const replyReserveMs = 250;
/** How long a push may lag behind the task that caused it before the state is read, ms. */
const pushLagMs = 600;
/** IPMI 2.0 §28.9: the power cycle interval is in seconds, and 0 means no delay; a VM needs none. */
const defaultCycleIntervalMs = 0;

/** What changes nothing waits for nobody, and when it fails it leaves nothing undone. */
const readings: readonly MachineOperation["name"][] = ["readSnapshot", "readStatistics"];

const taskMethods = { on: "PowerOnVM_Task", off: "PowerOffVM_Task", reset: "ResetVM_Task" } as const;

/** What a message says to somebody who may not know vSphere's name for it. */
const toolsMissing =
  "VMware Tools are not running in the guest, so it cannot be shut down softly: install or start them";

export function createVirtualMachine(options: VirtualMachineOptions): VirtualMachine {
  const { session, reference, pushed, awaitPush, onRead, bootMemory } = options;
  /** Commands for one VM run in order (two clients, or a client that does not wait). */
  let lastTurn: Promise<unknown> = Promise.resolve();

  async function read(timeoutMs: number): Promise<MachineSnapshot> {
    const snapshot = toSnapshot(await readProperties(session, reference, watchedPaths, timeoutMs));
    if (!snapshot) {
      throw new MachineError("busy", "vCenter does not tell the power state of the VM now");
    }
    onRead(snapshot);
    return snapshot;
  }

  async function powerState(timeoutMs: number): Promise<PowerState> {
    return (pushed() ?? (await read(timeoutMs))).powerState;
  }

  /** Runs a task to its end and to its effect: afterwards everybody sees the new state. */
  async function runTask(
    progress: Progress,
    method: string,
    args: Record<string, unknown>,
    effect?: PowerState,
  ): Promise<void> {
    const task = fromSoap(await session.call(method, reference, args));
    if (!task) {
      throw new MachineError("unavailable", `vCenter began no task for ${method}`);
    }
    progress.isUnderWay = true;
    await taskCompletion(session, task);
    if (effect) {
      await awaitPush(effect, pushLagMs);
      if (pushed()?.powerState !== effect) {
        await read(pushLagMs);
      }
    }
  }

  async function switchTo(progress: Progress, operation: "on" | "off"): Promise<void> {
    const effect = operation === "on" ? "poweredOn" : "poweredOff";
    try {
      await runTask(progress, taskMethods[operation], {}, effect);
    } catch (error) {
      // It was there already, or got there by somebody else's hand: what was asked for is the case.
      if (!isFault(error, "InvalidPowerState") || textOf(fieldOf(error.detail, "existingState")) !== effect) {
        throw error;
      }
      await read(pushLagMs);
    }
  }

  async function power(
    progress: Progress,
    operation: PowerOperation,
    cycleIntervalMs: number,
    timeoutMs: number,
  ): Promise<void> {
    const isOn = (await powerState(timeoutMs)) === "poweredOn";
    switch (operation) {
      case "on":
        return isOn ? undefined : switchTo(progress, "on");
      case "off":
        return isOn ? switchTo(progress, "off") : undefined;
      case "softShutdown":
        return isOn ? shutDownGuest() : undefined;
      case "reset":
        requireOn(isOn, operation);
        await runTask(progress, taskMethods.reset, {});
        options.onReset();
        return;
      case "cycle":
        requireOn(isOn, operation);
        await switchTo(progress, "off");
        await new Promise((resolve) => setTimeout(resolve, cycleIntervalMs));
        return switchTo(progress, "on");
    }
  }

  async function shutDownGuest(): Promise<void> {
    try {
      await session.call("ShutdownGuest", reference);
    } catch (error) {
      throw isFault(error, "ToolsUnavailable") ? new MachineError("invalidState", toolsMissing) : error;
    }
  }

  async function setBootOverride(progress: Progress, override: BootOverride | null): Promise<void> {
    const isOnce = options.nextBoot === "once";
    const wanted = override && { ...override, persistent: override.persistent || !isOnce };
    await applyOverride(session, reference, bootMemory, wanted ?? undefined, (bootOptions) =>
      runTask(progress, "ReconfigVM_Task", { spec: { bootOptions } }),
    );
  }

  async function diagnosticInterrupt(timeoutMs: number): Promise<void> {
    requireOn((await powerState(timeoutMs)) === "poweredOn", "a diagnostic interrupt");
    await sendNmi(session, reference);
  }

  async function perform(
    operation: MachineOperation,
    progress: Progress,
    timeoutMs: number,
  ): Promise<MachineOperationResult> {
    switch (operation.name) {
      case "readSnapshot":
        return { ok: true, snapshot: await read(timeoutMs) };
      case "readStatistics":
        return { ok: true, statistics: await options.readStatistics(reference, timeoutMs) };
      case "power":
        await power(progress, operation.power, operation.cycleIntervalMs ?? defaultCycleIntervalMs, timeoutMs);
        break;
      case "readBootOverride":
        return { ok: true, override: (await readOverride(session, reference, bootMemory)) ?? null };
      case "setBootOverride":
        await setBootOverride(progress, operation.override);
        break;
      case "diagnosticInterrupt":
        await diagnosticInterrupt(timeoutMs);
        break;
    }
    const snapshot = pushed();
    return { ok: true, ...(snapshot && { snapshot }) };
  }

  return {
    run: (operation, timeoutMs) => {
      const patienceMs = Math.max(timeoutMs - replyReserveMs, 100);
      const progress: Progress = { isUnderWay: false };
      const isChange = !readings.includes(operation.name);
      const turn = isChange ? lastTurn : Promise.resolve();
      const work = turn
        .then(() => perform(operation, progress, patienceMs))
        .catch((error: unknown): MachineOperationResult => {
          const { kind, message } = toMachineError(error);
          return { ok: false, kind, message };
        });
      if (isChange) {
        lastTurn = work;
      }
      return withinPatience(work, operation, progress, patienceMs);
    },
    restoreBootOrder: () => {
      const work = lastTurn.then(async () => {
        const pending = bootMemory.read();
        if (pending) {
          const bootOptions = toBootOptions(false, pending.former);
          await runTask({ isUnderWay: false }, "ReconfigVM_Task", { spec: { bootOptions } });
          await bootMemory.write(undefined);
        }
      });
      lastTurn = work.catch(() => undefined);
      return work.catch((error: unknown) => {
        throw toMachineError(error);
      });
    },
  };

  /** The work's own result, or after `patienceMs` what can be said then; a failure that comes later is logged. */
  function withinPatience(
    work: Promise<MachineOperationResult>,
    operation: MachineOperation,
    progress: Progress,
    patienceMs: number,
  ): Promise<MachineOperationResult> {
    return new Promise((resolve) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        const message = `vCenter has not begun ${operation.name} within ${patienceMs} ms`;
        resolve(progress.isUnderWay ? { ok: true } : { ok: false, kind: "busy", message });
      }, patienceMs);
      void work.then((result) => {
        clearTimeout(timer);
        resolve(result);
        if (isLate && !result.ok && !readings.includes(operation.name)) {
          options.onLateFailure(operation.name, result.message);
        }
      });
    });
  }
}

function requireOn(isOn: boolean, what: string): void {
  if (!isOn) {
    throw new MachineError("invalidState", `the VM is off: ${what} needs one that is on`);
  }
}
