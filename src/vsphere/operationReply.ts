/** What a BMC is answered to an operation: its result, why it failed, or how far it is when the time is over. */
import type { MachineOperation, MachineOperationName, MachineOperationResult } from "../model/machine/operation.js";
import { questionText } from "../model/machine/questionText.js";
import type { CommandQueue } from "./commandQueue.js";
import { isFault, toMachineError } from "./faults.js";
import type { KnownState } from "./knownState.js";
import { fromSoap, isSame, type MoRef } from "./moRef.js";
import { describeRunning, taskInProgress } from "./runningTask.js";
import type { VimSession } from "./session.js";
import { fieldOf } from "./soapValue.js";
import type { Progress, RunningTask } from "./task.js";
import type { VimFault } from "./vimErrors.js";

export interface OperationReplyOptions {
  /** As in the commands of `vbmc`. */
  readonly bmcName: string;
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly state: KnownState;
  readonly queue: CommandQueue;
  /** Called when the reference has become invalid. */
  readonly onGone: () => void;
  /** Called when an operation failed after its client was told that it is in progress. */
  readonly onLateFailure: (operation: MachineOperationName, reason: string) => void;
}

export interface OperationReply {
  readonly toFailure: (error: unknown, progress: Progress) => Promise<MachineOperationResult>;
  /** The result of the work, or after `timeoutMs` its state; a later failure is reported. */
  readonly withinTimeout: (
    work: Promise<MachineOperationResult>,
    operation: MachineOperation,
    progress: Progress,
    timeoutMs: number,
  ) => Promise<MachineOperationResult>;
}

export function createOperationReply(options: OperationReplyOptions): OperationReply {
  const { bmcName, session, reference, state, queue } = options;

  function inWords(task: RunningTask | undefined): string {
    const question = state.current()?.question;
    const remedy = question
      ? `, since the VM waits for an answer: ${questionText(question)}; see vbmc answer ${bmcName}`
      : ": try again when it has ended";
    return describeRunning(task, Date.now()) + remedy;
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

  return {
    toFailure: async (error, progress) => {
      // A missing task or session causes the same fault.
      if (isFault(error, "ManagedObjectNotFound") && isThisVm(fieldOf(error.detail, "obj"), reference)) {
        options.onGone();
      }
      const { kind, message } = toMachineError(error);
      const hindrance = isFault(error, "TaskInProgress") ? await whatRefuses(error, progress) : undefined;
      // Nothing has been changed yet, so the operation can be retried.
      const isUndone = kind === "timedOut" && progress.stage === "waiting";
      const reason = message.replace("vbmc answer NAME", () => `vbmc answer ${bmcName}`);
      return { ok: false, kind: isUndone ? "busy" : kind, message: hindrance ?? reason };
    },
    withinTimeout: (work, { name }, progress, timeoutMs) =>
      new Promise((resolve) => {
        let isDoneForClient = false;
        const timer = setTimeout(() => {
          const answer = answerMeanwhile(progress, timeoutMs, () => whatHinders(progress));
          isDoneForClient = answer.ok;
          resolve(answer);
        }, timeoutMs);
        void work.then((result) => {
          clearTimeout(timer);
          resolve(result);
          // A command that a later power off has replaced has not failed.
          if (isDoneForClient && !result.ok && progress.isSuperseded !== true) {
            options.onLateFailure(name, result.message);
          }
        });
      }),
  };
}

/** A command that has changed nothing yet must not change anything from now on: its client retries. */
function answerMeanwhile(
  progress: Progress,
  timeoutMs: number,
  hindrance: () => string | undefined,
): MachineOperationResult {
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
      return { ok: false, kind: "busy", message: hindrance() ?? `vCenter has not answered within ${timeoutMs} ms` };
  }
}

function isThisVm(gone: unknown, reference: MoRef): boolean {
  const object = fromSoap(gone);
  return object === undefined || isSame(object, reference);
}
