/** When a boot device for one start has done its work: once the guest's Tools run, or some time after the start. */
import type { BootMemory } from "../vsphere/nextBoot.js";

/** A guest without Tools has long read its boot order by then, ms. */
const restoreAfterMs = 120_000;
/** After a vCenter that would not, ms. */
const againAfterMs = 60_000;

export interface VmState {
  readonly isOn: boolean;
  readonly toolsRunning: boolean;
  /** runtime.bootTime. */
  readonly bootTime: string | undefined;
}

export interface BootRestorer {
  /** Looks at every state that is pushed. */
  readonly observe: (state: VmState) => void;
  /** The VM was reset by us, which vSphere does not show as another boot time. */
  readonly onReset: () => void;
  readonly stop: () => void;
}

export interface BootRestorerOptions {
  readonly memory: BootMemory;
  readonly now: () => number;
  /** Gives the former order back; rejects when that must be tried again. */
  readonly restore: () => Promise<void>;
  readonly onFailure: (reason: string) => void;
}

export function createBootRestorer({ memory, now, restore, onFailure }: BootRestorerOptions): BootRestorer {
  let timer: NodeJS.Timeout | undefined;
  let toolsWereRunning = false;
  let isStopped = false;

  function fail(error: unknown): void {
    onFailure(error instanceof Error ? error.message : String(error));
  }

  function started(at: number): void {
    const pending = memory.read();
    if (pending) {
      memory.write({ ...pending, startedAt: at }).catch(fail);
      schedule(at + restoreAfterMs - now());
    }
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    if (!isStopped) {
      timer = setTimeout(restoreNow, Math.max(delayMs, 0));
    }
  }

  function restoreNow(): void {
    clearTimeout(timer);
    restore().then(
      () => (timer = undefined),
      (error: unknown) => {
        fail(error);
        schedule(againAfterMs);
      },
    );
  }

  return {
    observe: ({ isOn, toolsRunning, bootTime }) => {
      const pending = memory.read();
      const toolsCameUp = toolsRunning && !toolsWereRunning;
      toolsWereRunning = toolsRunning;
      if (!pending || !isOn) {
        return;
      }
      if (pending.startedAt === undefined && bootTime !== undefined && bootTime !== pending.bootTime) {
        started(now());
      } else if (pending.startedAt !== undefined && !timer) {
        schedule(pending.startedAt + restoreAfterMs - now());
      }
      if (memory.read()?.startedAt !== undefined && toolsCameUp) {
        restoreNow();
      }
    },
    onReset: () => started(now()),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
