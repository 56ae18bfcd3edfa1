/** Follows vSphere tasks to their end: through updates of the watch, or else by reading them together. */
import { createBatch } from "./batch.js";
import type { MoRef } from "./moRef.js";
import { type Properties, reported, requireAny } from "./properties.js";
import { type TaskOutcome, taskOutcome } from "./taskInfo.js";

/** Has the server tell how tasks go. */
export interface TaskPush {
  /** Whether updates will report the task's progress, until `release`. */
  readonly follow: (task: MoRef) => boolean;
  readonly release: (task: MoRef) => void;
}

export interface TaskFollower {
  /**
   * How the task ended, or "underWay" after `timeoutMs`; rejects with VimFault, VimTransportError or MachineError when it
   * cannot be read.
   */
  readonly outcome: (task: MoRef, timeoutMs: number) => Promise<TaskOutcome>;
  /** From now on `push` reports on tasks; undefined: there are no reports, and tasks are read. */
  readonly usePush: (push: TaskPush | undefined) => void;
  /** What was pushed of a task. */
  readonly receive: (task: MoRef, outcome: TaskOutcome) => void;
  /** What was pushed so far stays true; whatever comes next is to be read. */
  readonly silent: () => void;
}

/** Reads `info` of tasks, by the value of the reference. */
export type ReadTasks = (tasks: readonly MoRef[], timeoutMs: number) => Promise<ReadonlyMap<string, Properties>>;

interface Followed {
  readonly task: MoRef;
  /** What comes of it is pushed. */
  isPushed: boolean;
  outcome: TaskOutcome;
  /** Ends the pause before the next look. */
  wake: () => void;
}

const infoTimeoutMs = 10_000;
/** Tasks an answer, of which parsing one takes some 0.3 ms. */
const maxTasks = 50;
const firstLookMs = 15;
/** A task that is to be pushed and has not been by then is looked at, ms. */
const pushLagMs = 500;
/** Some servers gather what they push for a quarter of a second: a few tasks are looked at before that, too. */
const fewTasks = 4;
const maxPauseMs = 1_000;

function isUnderWay({ outcome }: Followed): boolean {
  return outcome === "underWay";
}

export function createTaskFollower(read: ReadTasks): TaskFollower {
  const followed = new Set<Followed>();
  let push: TaskPush | undefined;
  const readInfo = createBatch({ maxObjects: () => maxTasks, ask: read });

  async function look(task: MoRef): Promise<TaskOutcome> {
    return taskOutcome(reported(requireAny(await readInfo(task, infoTimeoutMs)), "info"));
  }

  async function followToEnd(mine: Followed, until: number, isToBePushed: boolean): Promise<TaskOutcome> {
    let pauseMs = isToBePushed && followed.size > fewTasks ? pushLagMs : firstLookMs;
    while (performance.now() < until) {
      await pause(mine, Math.min(mine.isPushed ? Infinity : untilNextMoment(pauseMs), until - performance.now()));
      if (mine.outcome === "underWay" && !mine.isPushed) {
        const outcome = await look(mine.task);
        // Its end may have been pushed meanwhile.
        mine.outcome = isUnderWay(mine) ? outcome : mine.outcome;
        pauseMs = Math.min(Math.max(pauseMs * 2, isToBePushed ? pushLagMs : 0), maxPauseMs);
      }
      if (mine.outcome !== "underWay") {
        return mine.outcome;
      }
    }
    return "underWay";
  }

  function silent(): void {
    followed.forEach((each) => {
      each.isPushed = false;
      each.wake();
    });
  }

  return {
    outcome: async (task, timeoutMs) => {
      const mine: Followed = { task, isPushed: false, outcome: "underWay", wake: () => undefined };
      followed.add(mine);
      const source = push;
      try {
        return await followToEnd(mine, performance.now() + timeoutMs, source?.follow(task) === true);
      } finally {
        followed.delete(mine);
        source?.release(task);
      }
    },
    usePush: (source) => {
      push = source;
      silent();
    },
    receive: ({ value }, outcome) => {
      for (const each of followed) {
        if (each.task.value === value) {
          each.isPushed = true;
          each.outcome = outcome;
          each.wake();
        }
      }
    },
    silent,
  };
}

/** All tasks that are followed are looked at in the same moments, and so in one call. */
function untilNextMoment(pauseMs: number): number {
  return pauseMs - (Date.now() % pauseMs);
}

function pause(followed: Followed, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    followed.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
