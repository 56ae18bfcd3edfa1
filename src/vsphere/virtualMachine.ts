/** One VM behind a BMC: runs its operations and reports their outcome. */
import { type Deadline, timeLeftMs } from "../base/async/deadline.js";
import {
  changesMachine,
  type MachineOperation,
  type MachineOperationName,
  type MachineOperationResult,
} from "../model/machine/operation.js";
import { type BootOverrides, createBootOverrides } from "./bootOverrides.js";
import type { CommandQueue } from "./commandQueue.js";
import { toMachineError } from "./faults.js";
import type { KnownState } from "./knownState.js";
import type { MachineMedia } from "./media/machineMedia.js";
import { awaitMedia } from "./media/startGate.js";
import type { MoRef } from "./moRef.js";
import type { BootMemory } from "./nextBoot.js";
import { createPerformers, type Performer, type Run } from "./operationPerformers.js";
import { createOperationReply } from "./operationReply.js";
import { createPowerControl, type PowerControl } from "./powerControl.js";
import type { VimSession } from "./session.js";
import type { StatisticsReader } from "./statistics.js";
import { type Progress, runTask } from "./task.js";

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
const minTimeoutMs = 100;

export function createVirtualMachine(options: VirtualMachineOptions): VirtualMachine {
  const { session, reference, queue } = options;
  const reconfigure = (progress: Progress, spec: Record<string, unknown>): Promise<void> =>
    runTask(session, reference, progress, "ReconfigVM_Task", { spec });
  const boot = createBootOverrides({
    ...options,
    setBootOptions: (progress) => (bootOptions) => reconfigure(progress, { bootOptions }),
  });
  const power = powerControlOf(options, boot);
  const performers = createPerformers({ ...options, power, boot, reconfigure });
  const reply = createOperationReply(options);

  async function perform<Name extends MachineOperationName>(
    operation: MachineOperation<Name>,
    run: Run,
  ): Promise<MachineOperationResult> {
    const performer: Performer<Name> = performers[operation.name];
    const value = await performer(operation, run);
    return { ok: true, value };
  }

  return {
    run: (operation, deadline) => {
      const timeoutMs = Math.max(timeLeftMs(deadline, replyReserveMs), minTimeoutMs);
      const progress = newProgress();
      const work = scheduled(queue, operation, progress, () => perform(operation, { progress, timeoutMs })).catch(
        (error: unknown) => reply.toFailure(error, progress),
      );
      return reply.withinTimeout(work, operation, progress, timeoutMs);
    },
    restoreBootOrder: () => {
      const progress = newProgress();
      return queue
        .inTurn(progress, () => boot.restore(progress))
        .catch((error: unknown) => {
          throw toMachineError(error);
        });
    },
  };
}

function powerControlOf(options: VirtualMachineOptions, boot: BootOverrides): PowerControl {
  const { media, queue, onLateFailure } = options;
  return createPowerControl({
    session: options.session,
    reference: options.reference,
    state: options.state,
    hasOldSmbios: options.hasOldSmbios,
    /** If the boot device cannot be set, the VM starts anyway, and the failure is reported. */
    beforeStart: async (start, progress) => {
      await awaitMedia(media, progress);
      try {
        await boot.settleBeforeStart(start, newProgress());
      } catch (error) {
        onLateFailure("setBootOverride", toMachineError(error).message);
      }
    },
    onStart: options.onStart,
    later: (step) => {
      const progress = newProgress();
      queue
        .inTurn(progress, () => step(progress))
        .catch((error: unknown) => onLateFailure("power", toMachineError(error).message));
    },
  });
}

function scheduled<T>(
  queue: CommandQueue,
  operation: MachineOperation,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  // A queued start waits for media, so media must not wait for the queue.
  if (!changesMachine(operation) || operation.name === "insertMedia" || operation.name === "ejectMedia") {
    return work();
  }
  const isPowerOff = operation.name === "power" && operation.power === "off";
  return isPowerOff ? queue.overtaking(progress, work) : queue.inTurn(progress, work);
}

function newProgress(): Progress {
  return { stage: "waiting" };
}
