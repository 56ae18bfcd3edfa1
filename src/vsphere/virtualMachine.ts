/** One VM behind a BMC: runs its operations and reports their outcome. */
import { type Deadline, timeLeftMs } from "../base/async/deadline.js";
import { MachineError } from "../model/machine/errors.js";
import type { BootOverride } from "../model/machine/machine.js";
import {
  changesMachine,
  type MachineOperation,
  type MachineOperationName,
  type MachineOperationResult,
  type MachineOperations,
} from "../model/machine/operation.js";
import { questionText } from "../model/machine/questionText.js";
import type { MachineSnapshot } from "../model/machine/snapshot.js";
import type { CommandQueue } from "./commandQueue.js";
import {
  type ConsolePortOptions,
  readSerialPorts,
  reconnectConsole,
  removeConsole,
  setUpConsole,
} from "./consolePort.js";
import { isFault, toMachineError } from "./faults.js";
import { configureFirmware } from "./firmwareSettings.js";
import { readInventory } from "./hardware.js";
import type { KnownState } from "./knownState.js";
import type { MachineMedia } from "./media/machineMedia.js";
import { awaitMedia } from "./media/startGate.js";
import { fromSoap, isSame, type MoRef } from "./moRef.js";
import {
  applyOverride,
  type BootMemory,
  readOverride,
  type Reconfigure,
  restoreOrder,
  settleBeforeStart,
} from "./nextBoot.js";
import { sendNmi } from "./nmi.js";
import { createPowerControl, pushLagMs } from "./powerControl.js";
import { describeRunning, taskInProgress } from "./runningTask.js";
import type { VimSession } from "./session.js";
import { fieldOf } from "./soapValue.js";
import type { StatisticsReader } from "./statistics.js";
import { begin, type Progress, type RunningTask, runTask } from "./task.js";
import type { VimFault } from "./vimErrors.js";

export interface VirtualMachineOptions {
  /** As in the commands of `vbmc`. */
  readonly bmcName: string;
  readonly session: VimSession;
  /** The server as configured. */
  readonly viserver: string;
  readonly reference: MoRef;
  readonly state: KnownState;
  /** See ReadIdentity. */
  readonly hasOldSmbios: () => boolean;
  /** Of all commands for the VM, whichever BMC they come from. */
  readonly queue: CommandQueue;
  readonly bootMemory: BootMemory;
  /** `persistent`: a boot device for the next boot is not reverted, as in the original. */
  readonly nextBoot: "once" | "persistent";
  /** Called when we have switched the VM on or reset it. */
  readonly onStart: () => void;
  /** Called if the server accepts a boot device only while the VM is off: it takes effect when we next switch it on. */
  readonly onBootDelayed: () => void;
  readonly readStatistics: StatisticsReader;
  readonly media: MachineMedia;
  /** Called when the reference has become invalid. */
  readonly onGone: () => void;
  /** Called when an operation failed after its client was told that it is in progress. */
  readonly onLateFailure: (operation: MachineOperationName, reason: string) => void;
}

export interface VirtualMachine {
  /** Never rejects; resolves shortly before the deadline at the latest. */
  readonly run: (operation: MachineOperation, deadline: Deadline) => Promise<MachineOperationResult>;
  /**
   * Restores the boot order from before a boot device for one start; false: the server accepts it only while the VM is
   * off. Rejects with MachineError.
   */
  readonly restoreBootOrder: () => Promise<boolean>;
}

/** Stop waiting for the task this long before the client's deadline, ms. */
export const replyReserveMs = 250;
const shortestTimeoutMs = 100;
/** IPMI 2.0 §28.9: the power cycle interval is in seconds, and 0 means no delay; a VM needs none. */
const defaultCycleIntervalMs = 0;

interface Run {
  readonly progress: Progress;
  readonly timeoutMs: number;
}

type Performer<Name extends MachineOperationName> = (
  operation: MachineOperation<Name>,
  run: Run,
) => Promise<MachineOperations[Name]["result"]>;

type Performers = { readonly [Name in MachineOperationName]: Performer<Name> };

export function createVirtualMachine(options: VirtualMachineOptions): VirtualMachine {
  const { session, reference, state, queue, bootMemory, media, onLateFailure } = options;
  /** A boot device that vCenter is setting now: reads return it without waiting. */
  let beingSet: { readonly override: BootOverride | undefined; readonly progress: Progress } | undefined;

  const power = createPowerControl({
    session,
    reference,
    state,
    hasOldSmbios: options.hasOldSmbios,
    beforeStart,
    onStart: options.onStart,
    later: (step) => {
      const progress = newProgress();
      queue
        .inTurn(progress, () => step(progress))
        .catch((error: unknown) => onLateFailure("power", toMachineError(error).message));
    },
  });

  function reconfigure(progress: Progress, spec: Record<string, unknown>): Promise<void> {
    return runTask(session, reference, progress, "ReconfigVM_Task", { spec });
  }

  function consolePort(progress: Progress): ConsolePortOptions {
    return { session, reference, reconfigure: (spec) => reconfigure(progress, spec) };
  }

  const setBootOptions =
    (progress: Progress): Reconfigure =>
    (bootOptions) =>
      reconfigure(progress, { bootOptions });

  /** If the boot device cannot be set, the VM starts anyway, and the failure is reported. */
  async function beforeStart(start: "on" | "reset", progress: Progress): Promise<void> {
    await awaitMedia(media, progress);
    try {
      await settleBeforeStart(session, reference, bootMemory, start, setBootOptions(newProgress()));
    } catch (error) {
      onLateFailure("setBootOverride", toMachineError(error).message);
    }
  }

  async function setBootOverride(progress: Progress, override: BootOverride | null): Promise<void> {
    if (override?.device === "bios" && override.persistent) {
      throw new MachineError(
        "unsupported",
        "vSphere can enter the firmware setup at the next start only, not at every start",
      );
    }
    const isOnce = options.nextBoot === "once";
    const wanted = override && { ...override, persistent: override.persistent || !isOnce };
    const mine = { override: wanted ?? undefined, progress };
    beingSet = mine;
    try {
      if (!(await applyOverride(session, reference, bootMemory, mine.override, setBootOptions(progress)))) {
        options.onBootDelayed();
      }
    } finally {
      beingSet = beingSet === mine ? undefined : beingSet;
    }
  }

  function readBootOverride(): Promise<BootOverride | undefined> {
    return beingSet?.progress.stage === "underWay"
      ? Promise.resolve(beingSet.override)
      : readOverride(session, reference, bootMemory);
  }

  /** The implementation of each operation, bounded by `timeoutMs`. */
  const performers: Performers = {
    readSnapshot: (_operation, { timeoutMs }) => power.read(timeoutMs),
    readStatistics: (_operation, { timeoutMs }) => options.readStatistics(reference, timeoutMs),
    readBootOverride,
    readInventory: (_operation, { timeoutMs }) => readInventory(session, reference, timeoutMs),
    power: async ({ power: wanted, cycleIntervalMs = defaultCycleIntervalMs }, run) => {
      await power.perform(wanted, { ...run, cycleIntervalMs });
      return undefined;
    },
    setBootOverride: async ({ override }, { progress }) => {
      await setBootOverride(progress, override);
      return undefined;
    },
    configure: async ({ change }, { progress }) => {
      const before = state.current();
      const isDone = await configureFirmware(session, reference, change, (spec) => reconfigure(progress, spec));
      const isNews = (now: MachineSnapshot): boolean => now.changeVersion !== before?.changeVersion;
      // The change must be visible once the operation is answered.
      if (isDone && !(await state.awaitNews(isNews, pushLagMs))) {
        await power.read(pushLagMs);
      }
      return undefined;
    },
    diagnosticInterrupt: async (_operation, { progress }) => {
      begin(progress);
      await sendNmi(session, reference, options.viserver);
      return undefined;
    },
    readMedia: () => media.read(),
    insertMedia: async (insertion, { progress }) => {
      await media.insert(insertion, progress);
      return undefined;
    },
    ejectMedia: async ({ slot }, { progress }) => {
      await media.eject(slot, progress);
      return undefined;
    },
    readSerialPorts: () => readSerialPorts({ session, reference }),
    setUpConsole: (setup, { progress }) => setUpConsole(consolePort(progress), setup),
    reconnectConsole: async ({ serviceUri }, { progress }) => ({
      isReconnected: await reconnectConsole(consolePort(progress), serviceUri),
    }),
    removeConsole: async ({ serviceUri }, { progress }) => ({
      isRemoved: await removeConsole(consolePort(progress), serviceUri),
    }),
  };

  async function perform<Name extends MachineOperationName>(
    operation: MachineOperation<Name>,
    run: Run,
  ): Promise<MachineOperationResult> {
    const performer: Performer<Name> = performers[operation.name];
    const value = await performer(operation, run);
    return { ok: true, value };
  }

  async function toFailure(error: unknown, progress: Progress): Promise<MachineOperationResult> {
    // A missing task or session causes the same fault.
    if (isFault(error, "ManagedObjectNotFound") && isThisVm(fieldOf(error.detail, "obj"))) {
      options.onGone();
    }
    const { kind, message } = toMachineError(error);
    const hindrance = isFault(error, "TaskInProgress") ? await whatRefuses(error, progress) : undefined;
    // Nothing has been changed yet, so the operation can be retried.
    const isUndone = kind === "timedOut" && progress.stage === "waiting";
    const reason = message.replace("vbmc answer NAME", () => `vbmc answer ${options.bmcName}`);
    return { ok: false, kind: isUndone ? "busy" : kind, message: hindrance ?? reason };
  }

  function isThisVm(gone: unknown): boolean {
    const object = fromSoap(gone);
    return object === undefined || isSame(object, reference);
  }

  return {
    run: (operation, deadline) => {
      const timeoutMs = Math.max(timeLeftMs(deadline, replyReserveMs), shortestTimeoutMs);
      const progress = newProgress();
      const work = scheduled(operation, progress, () => perform(operation, { progress, timeoutMs })).catch(
        (error: unknown) => toFailure(error, progress),
      );
      return withinTimeout(work, operation, progress, timeoutMs);
    },
    restoreBootOrder: () => {
      const progress = newProgress();
      return queue
        .inTurn(progress, () => restoreOrder(session, reference, bootMemory, setBootOptions(progress)))
        .catch((error: unknown) => {
          throw toMachineError(error);
        });
    },
  };

  function scheduled<T>(operation: MachineOperation, progress: Progress, work: () => Promise<T>): Promise<T> {
    // A queued start waits for media, so media must not wait for the queue.
    if (!changesMachine(operation) || operation.name === "insertMedia" || operation.name === "ejectMedia") {
      return work();
    }
    const isPowerOff = operation.name === "power" && operation.power === "off";
    return isPowerOff ? queue.overtaking(progress, work) : queue.inTurn(progress, work);
  }

  /** The result of the work, or after `timeoutMs` its state; a later failure is reported. */
  function withinTimeout(
    work: Promise<MachineOperationResult>,
    { name }: MachineOperation,
    progress: Progress,
    timeoutMs: number,
  ): Promise<MachineOperationResult> {
    return new Promise((resolve) => {
      let isDoneForClient = false;
      const timer = setTimeout(() => {
        const answer = answerMeanwhile(progress, timeoutMs);
        isDoneForClient = answer.ok;
        resolve(answer);
      }, timeoutMs);
      void work.then((result) => {
        clearTimeout(timer);
        resolve(result);
        // A command that a later power off has replaced has not failed.
        if (isDoneForClient && !result.ok && progress.isSuperseded !== true) {
          onLateFailure(name, result.message);
        }
      });
    });
  }

  /** A command that has changed nothing yet must not change anything from now on: its client retries. */
  function answerMeanwhile(progress: Progress, timeoutMs: number): MachineOperationResult {
    switch (progress.stage) {
      case "underWay":
        return { ok: true };
      case "asked":
        return {
          ok: false,
          kind: "timedOut",
          message: `vCenter has not confirmed within ${timeoutMs} ms that it carries out the command`,
        };
      default:
        progress.stage = "abandoned";
        return {
          ok: false,
          kind: "busy",
          message: whatHinders(progress) ?? `vCenter has not answered within ${timeoutMs} ms`,
        };
    }
  }

  /** Describes the command that others wait for; undefined if there is none besides `own`. */
  function whatHinders(own: Progress): string | undefined {
    const front = queue.inFront();
    return front === undefined || front === own ? undefined : inWords(front.task);
  }

  /** Describes what vCenter is doing with the VM, for us or others; undefined if unknown. */
  async function whatRefuses(fault: VimFault, own: Progress): Promise<string | undefined> {
    const ours = whatHinders(own);
    const others = ours === undefined ? await taskInProgress(session, fault) : undefined;
    return ours ?? (others && inWords(others));
  }

  function inWords(task: RunningTask | undefined): string {
    const question = state.current()?.question;
    const remedy = question
      ? `, since the VM waits for an answer: ${questionText(question)}; see vbmc answer ${options.bmcName}`
      : ": try again when it has ended";
    return describeRunning(task, Date.now()) + remedy;
  }
}

function newProgress(): Progress {
  return { stage: "waiting" };
}
