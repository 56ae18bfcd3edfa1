/** Follows a boot device for one start: detects whether the VM has used it, and restores the previous order. */
import type { Log } from "../../base/log.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import type { BootMemory } from "../../vsphere/nextBoot.js";
import type { Properties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { createBootRestorer } from "./bootRestorer.js";
import { createResetWatch } from "./resetWatch.js";

export interface BootWatch {
  /** Call for every pushed state, with the watched properties that it comes from. */
  readonly observe: (snapshot: MachineSnapshot, properties: Properties) => void;
  /** Call when we have switched the VM on or reset it. */
  readonly onStart: () => void;
  readonly stop: () => void;
}

export interface BootWatchOptions {
  readonly memory: BootMemory;
  readonly session: () => VimSession;
  /** Restores the previous order; false: the server accepts it only while the VM is off. */
  readonly restore: () => Promise<boolean>;
  readonly log: Log;
}

export function createBootWatch({ memory, session, restore, log }: BootWatchOptions): BootWatch {
  const restorer = createBootRestorer({
    memory,
    now: Date.now,
    restore: async () => {
      const isDone = await restore();
      const when = isDone
        ? "is restored"
        : "will be restored when the VM is off: the server rejects it while the VM is on";
      log("info", `the previous boot order ${when}`);
      return isDone;
    },
    onFailure: (reason) => log("warn", "the boot order could not be restored", { reason }),
  });
  const resets = createResetWatch(session, restorer.onStart);
  return {
    observe: ({ powerState, toolsRunning = false, bootTime }, properties) => {
      resets.observe(properties, memory.read().pending);
      restorer.observe({ powerState, toolsRunning, bootTime });
    },
    onStart: restorer.onStart,
    stop: restorer.stop,
  };
}
