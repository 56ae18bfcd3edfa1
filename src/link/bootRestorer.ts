/** When a boot device for one start has done its work: once the guest's Tools run, or some time after the start. */
import type { BootMemory } from "../vsphere/nextBoot.js";

/** A guest without Tools has long read its boot order by then, ms. */
const restoreAfterMs = 120_000;

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

/** `restore` gives the former order back. */
export function createBootRestorer(memory: BootMemory, now: () => number, restore: () => void): BootRestorer {
  let timer: NodeJS.Timeout | undefined;
  let toolsWereRunning = false;

  function started(at: number): void {
    const pending = memory.read();
    if (pending) {
      void memory.write({ ...pending, startedAt: at });
      schedule(at);
    }
  }

  function schedule(startedAt: number): void {
    clearTimeout(timer);
    timer = setTimeout(restore, Math.max(startedAt + restoreAfterMs - now(), 0));
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
        schedule(pending.startedAt);
      }
      if (memory.read()?.startedAt !== undefined && toolsCameUp) {
        clearTimeout(timer);
        restore();
      }
    },
    onReset: () => started(now()),
    stop: () => clearTimeout(timer),
  };
}
