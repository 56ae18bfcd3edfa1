/** One VM behind a BMC: its operations, one after the other, and the truth about how they went. */
import type { BootOverride } from "../machine/machine.js";
import type { MachineOperation, MachineOperationResult } from "../machine/operation.js";
import { isFault, toMachineError } from "./faults.js";
import type { KnownState } from "./knownState.js";
import { isSame, fromSoap, type MoRef } from "./moRef.js";
import { applyOverride, readOverride, restoreOrder, type BootMemory } from "./nextBoot.js";
import { sendNmi } from "./nmi.js";
import { createPowerControl } from "./powerControl.js";
import type { VimSession } from "./session.js";
import type { StatisticsReader } from "./statistics.js";
import { fieldOf } from "./soapValue.js";
import { begin, runTask, type Progress } from "./task.js";

export interface VirtualMachineOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly state: KnownState;
  readonly bootMemory: BootMemory;
  /** `persistent`: a boot device for the next boot stays, as in the original. */
  readonly nextBoot: "once" | "persistent";
  readonly onReset: () => void;
  readonly readStatistics: StatisticsReader;
  /** The reference names no VM any more. */
  readonly onGone: () => void;
  /** An operation failed after its client had been told that it is under way. */
  readonly onLateFailure: (operation: MachineOperation["name"], reason: string) => void;
}

export interface VirtualMachine {
  /** Never rejects; answers within about `timeoutMs`. */
  readonly run: (operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Gives the boot order back that the VM had before a boot device for one start. Rejects with MachineError. */
  readonly restoreBootOrder: () => Promise<void>;
}

/** A reply must be under way before its client gives up: this much earlier an operation lets go of its task, ms. */
export const replyReserveMs = 250;
const shortestPatienceMs = 100;
/** What changes nothing waits for nobody. */
const readings: readonly MachineOperation["name"][] = ["readSnapshot", "readStatistics"];
/** IPMI 2.0 §28.9: the power cycle interval is in seconds, and 0 means no delay; a VM needs none. */
const defaultCycleIntervalMs = 0;

export function createVirtualMachine(options: VirtualMachineOptions): VirtualMachine {
  const { session, reference, state, bootMemory, onLateFailure } = options;
  /** Commands for one VM run in order (two clients, or a client that does not wait). */
  let lastTurn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(step);
    lastTurn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  const power = createPowerControl({
    session,
    reference,
    state,
    onReset: options.onReset,
    later: (step) => {
      inTurn(() => step(newProgress())).catch((error: unknown) =>
        onLateFailure("power", toMachineError(error).message),
      );
    },
  });

  const reconfigure =
    (progress: Progress) =>
    (bootOptions: Record<string, unknown>): Promise<void> =>
      runTask(session, reference, progress, "ReconfigVM_Task", { spec: { bootOptions } });

  async function setBootOverride(progress: Progress, override: BootOverride | null): Promise<void> {
    const isOnce = options.nextBoot === "once";
    const wanted = override && { ...override, persistent: override.persistent || !isOnce };
    await applyOverride(session, reference, bootMemory, wanted ?? undefined, reconfigure(progress));
  }

  async function perform(
    operation: MachineOperation,
    progress: Progress,
    timeoutMs: number,
  ): Promise<MachineOperationResult> {
    switch (operation.name) {
      case "readSnapshot":
        return { ok: true, snapshot: await power.read(timeoutMs) };
      case "readStatistics":
        return { ok: true, statistics: await options.readStatistics(reference, timeoutMs) };
      case "power": {
        const { cycleIntervalMs = defaultCycleIntervalMs } = operation;
        await power.perform(operation.power, { progress, timeoutMs, cycleIntervalMs });
        break;
      }
      case "readBootOverride":
        return { ok: true, override: (await readOverride(session, reference, bootMemory)) ?? null };
      case "setBootOverride":
        await setBootOverride(progress, operation.override);
        break;
      case "diagnosticInterrupt":
        await power.requireOn("a diagnostic interrupt", timeoutMs);
        begin(progress);
        await sendNmi(session, reference);
        break;
    }
    const snapshot = state.current();
    return { ok: true, ...(snapshot && { snapshot }) };
  }

  function toFailure(error: unknown, { stage }: Progress): MachineOperationResult {
    // A task or a session may be gone as well.
    if (isFault(error, "ManagedObjectNotFound") && isThisVm(fieldOf(error.detail, "obj"))) {
      options.onGone();
    }
    const { kind, message } = toMachineError(error);
    // Where nothing was to be changed yet, nothing is left undone: to be asked again.
    return { ok: false, kind: kind === "timedOut" && stage === "waiting" ? "busy" : kind, message };
  }

  function isThisVm(gone: unknown): boolean {
    const object = fromSoap(gone);
    return object === undefined || isSame(object, reference);
  }

  return {
    run: (operation, timeoutMs) => {
      const patienceMs = Math.max(timeoutMs - replyReserveMs, shortestPatienceMs);
      const progress = newProgress();
      const work = (): Promise<MachineOperationResult> =>
        perform(operation, progress, patienceMs).catch((error: unknown) => toFailure(error, progress));
      return withinPatience(readings.includes(operation.name) ? work() : inTurn(work), operation, progress, patienceMs);
    },
    restoreBootOrder: () =>
      inTurn(() => restoreOrder(session, reference, bootMemory, reconfigure(newProgress()))).catch((error: unknown) => {
        throw toMachineError(error);
      }),
  };

  /** The work's own result, or after `patienceMs` what can be said then; a failure that comes later is told. */
  function withinPatience(
    work: Promise<MachineOperationResult>,
    { name }: MachineOperation,
    progress: Progress,
    patienceMs: number,
  ): Promise<MachineOperationResult> {
    return new Promise((resolve) => {
      let isDoneForClient = false;
      const timer = setTimeout(() => {
        const answer = answerMeanwhile(progress, patienceMs);
        isDoneForClient = answer.ok;
        resolve(answer);
      }, patienceMs);
      void work.then((result) => {
        clearTimeout(timer);
        resolve(result);
        if (isDoneForClient && !result.ok) {
          onLateFailure(name, result.message);
        }
      });
    });
  }
}

function newProgress(): Progress {
  return { stage: "waiting" };
}

/** From here on a command that has changed nothing yet must not change anything: its client asks again. */
function answerMeanwhile(progress: Progress, patienceMs: number): MachineOperationResult {
  switch (progress.stage) {
    case "underWay":
      return { ok: true };
    case "asked":
      return {
        ok: false,
        kind: "timedOut",
        message: `vCenter has not said within ${patienceMs} ms whether it does what was asked`,
      };
    default:
      progress.stage = "abandoned";
      return { ok: false, kind: "busy", message: `vCenter has not answered within ${patienceMs} ms` };
  }
}
