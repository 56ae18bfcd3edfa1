/**
 * Decides when a boot device for one start is used up: once the guest's Tools run, when the VM is off again, or some time
 * after the start.
 */
import { reasonOf } from "../../base/errors.js";
import type { PowerState } from "../../model/machine/snapshot.js";
import type { BootMemory, PendingBoot } from "../../vsphere/nextBoot.js";

/** Time after which a guest without Tools has surely read its boot order, ms. */
const restoreAfterMs = 120_000;
/** Retry delay after a failure at vCenter, ms. */
const againAfterMs = 60_000;

export interface VmState {
  readonly powerState: PowerState;
  readonly toolsRunning: boolean;
  /** runtime.bootTime; some servers do not report it. */
  readonly bootTime: string | undefined;
}

export interface BootRestorer {
  /** Call for every pushed state. */
  readonly observe: (state: VmState) => void;
  /** Call when the VM was switched on or reset: vSphere does not change the boot time on a reset. */
  readonly onStart: () => void;
  readonly stop: () => void;
}

export interface BootRestorerOptions {
  readonly memory: BootMemory;
  readonly now: () => number;
  /** Restores the previous order; false: not until the VM is off; rejects if it must be retried. */
  readonly restore: () => Promise<boolean>;
  readonly onFailure: (reason: string) => void;
}

export function createBootRestorer({ memory, now, restore, onFailure }: BootRestorerOptions): BootRestorer {
  let timer: NodeJS.Timeout | undefined;
  let last: VmState | undefined;
  /** The pending boot during which the VM was seen off, or its Tools were seen to stop. */
  let seenOff: PendingBoot | undefined;
  let seenWithoutTools: PendingBoot | undefined;
  /** The server accepts the restored order only while the VM is off. */
  let waitsForOff = false;
  let isRestoring = false;
  let isStopped = false;

  function fail(error: unknown): void {
    onFailure(reasonOf(error));
  }

  function started(): void {
    const { pending, ...others } = memory.read();
    if (pending && pending.startedAt === undefined) {
      memory.write({ ...others, pending: { ...pending, startedAt: now() } }).catch(fail);
      waitsForOff = false;
      schedule(restoreAfterMs);
    }
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    if (!isStopped) {
      timer = setTimeout(restoreNow, Math.max(delayMs, 0));
    }
  }

  function restoreNow(): void {
    if (isRestoring) {
      return;
    }
    isRestoring = true;
    clearTimeout(timer);
    timer = undefined;
    restore().then(
      (isDone) => {
        isRestoring = false;
        waitsForOff = !isDone;
      },
      (error: unknown) => {
        isRestoring = false;
        fail(error);
        schedule(againAfterMs);
      },
    );
  }

  /** Whether the VM has started since the device was set. */
  function hasStarted(pending: PendingBoot, { bootTime }: VmState, toolsCameUp: boolean): boolean {
    if (toolsCameUp && seenWithoutTools === pending) {
      return true;
    }
    return bootTime !== undefined && pending.bootTime !== null
      ? bootTime !== pending.bootTime
      : !pending.wasOn || seenOff === pending;
  }

  function observeOn(pending: PendingBoot, state: VmState, toolsCameUp: boolean): void {
    if (pending.startedAt === undefined && hasStarted(pending, state, toolsCameUp)) {
      started();
    } else if (pending.startedAt !== undefined && !timer && !waitsForOff) {
      schedule(pending.startedAt + restoreAfterMs - now());
    }
    if (memory.read().pending?.startedAt !== undefined && toolsCameUp && !waitsForOff) {
      restoreNow();
    }
  }

  function observeOff(pending: PendingBoot): void {
    seenOff = pending;
    if (pending.startedAt !== undefined) {
      restoreNow();
    }
  }

  return {
    observe: (state) => {
      const { pending } = memory.read();
      const toolsCameUp = state.toolsRunning && last?.toolsRunning !== true;
      const toolsWentDown = !state.toolsRunning && last?.toolsRunning === true;
      last = state;
      if (pending && state.powerState === "poweredOff") {
        observeOff(pending);
      } else if (pending && state.powerState === "poweredOn") {
        seenWithoutTools = toolsWentDown && pending.wasOn ? pending : seenWithoutTools;
        observeOn(pending, state, toolsCameUp);
      }
    },
    onStart: started,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
