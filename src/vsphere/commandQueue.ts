/** The commands for one VM: one after the other, except that a power off does not wait behind a task that takes long. */
import { settledWithin } from "../base/async/within.js";
import type { Progress } from "./task.js";

export interface CommandQueue {
  /** Runs `step` once the commands before it have ended. */
  readonly inTurn: <T>(progress: Progress, step: () => Promise<T>) => Promise<T>;
  /**
   * Runs `step` once the commands before it have ended, or `overtakeAfterMs` from now. Those that have not ended by then
   * ask for nothing more, unless `step` fails.
   */
  readonly overtaking: <T>(progress: Progress, step: () => Promise<T>) => Promise<T>;
  /** How far the command has come that others wait for; undefined when there is none. */
  readonly inFront: () => Progress | undefined;
}

/** A cycle that is under way ends within this time where vSphere is quick, ms. */
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
      // What comes later waits for those that were overtaken only if they still are to be reckoned with.
      lastEnded = result.catch(() => before);
      return result;
    },
    inFront: () => commands[0],
  };
}

function settled(work: Promise<unknown>): Promise<unknown> {
  return work.catch(() => undefined);
}
