/** Runs the commands for one VM one after the other, except that a power off does not wait for a slow task. */
import { settledWithin } from "../base/async/within.js";
import type { Progress } from "./task.js";

export interface CommandQueue {
  /** Runs `step` once the commands before it have ended. */
  readonly inTurn: <T>(progress: Progress, step: () => Promise<T>) => Promise<T>;
  /**
   * Runs `step` once the commands before it have ended, or `overtakeAfterMs` from now. Commands still
   * running then send no more requests, unless `step` fails.
   */
  readonly overtaking: <T>(progress: Progress, step: () => Promise<T>) => Promise<T>;
  /** The progress of the command that others wait for; undefined when there is none. */
  readonly inFront: () => Progress | undefined;
}

/** With a fast vSphere, a running cycle ends within this time, ms. */
const overtakeAfterMs = 700;

export function createCommandQueue(): CommandQueue {
  /** Commands that have not ended, in the order in which they came. */
  let commands: readonly Progress[] = [];
  /** When the last one has ended; never rejects. */
  let lastEnded: Promise<unknown> = Promise.resolve();

  function enqueue<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
    commands = [...commands, progress];
    return work().finally(() => {
      commands = commands.filter((other) => other !== progress);
    });
  }

  function supersede(others: readonly Progress[], isSuperseded: boolean): void {
    others.forEach((other) => (other.isSuperseded = isSuperseded));
  }

  return {
    inTurn: (progress, step) => {
      const before = lastEnded;
      const result = enqueue(progress, () => before.then(step));
      lastEnded = settled(result);
      return result;
    },
    overtaking: (progress, step) => {
      const before = lastEnded;
      const result = enqueue(progress, async () => {
        await settledWithin(before, overtakeAfterMs);
        const others = commands.slice(0, commands.indexOf(progress));
        supersede(others, true);
        try {
          return await step();
        } catch (error) {
          supersede(others, false);
          throw error;
        }
      });
      // Later commands wait for overtaken ones only if those may still have effects.
      lastEnded = result.catch(() => before);
      return result;
    },
    inFront: () => commands[0],
  };
}

function settled(work: Promise<unknown>): Promise<unknown> {
  return work.catch(() => undefined);
}
