/** The boot device of one VM: sets and reads it, and prepares each start for it. */
import { MachineError } from "../model/machine/errors.js";
import type { BootOverride } from "../model/machine/machine.js";
import type { MoRef } from "./moRef.js";
import {
  applyOverride,
  type BootMemory,
  readOverride,
  type Reconfigure,
  restoreOrder,
  settleBeforeStart,
} from "./nextBoot.js";
import type { VimSession } from "./session.js";
import type { Progress } from "./task.js";

export interface BootOverridesOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly bootMemory: BootMemory;
  /** `persistent`: a boot device for the next boot is not reverted, as in the original. */
  readonly nextBoot: "once" | "persistent";
  /** Called if the server accepts a boot device only while the VM is off: it takes effect when we next switch it on. */
  readonly onBootDelayed: () => void;
  readonly setBootOptions: (progress: Progress) => Reconfigure;
}

export interface BootOverrides {
  readonly read: () => Promise<BootOverride | undefined>;
  readonly set: (progress: Progress, override: BootOverride | null) => Promise<void>;
  readonly settleBeforeStart: (start: "on" | "reset", progress: Progress) => Promise<void>;
  /** Restores the boot order from before a boot device for one start; false: not while the VM is on. */
  readonly restore: (progress: Progress) => Promise<boolean>;
}

export function createBootOverrides(options: BootOverridesOptions): BootOverrides {
  const { session, reference, bootMemory, setBootOptions } = options;
  /** A boot device that vCenter is setting now: reads return it without waiting. */
  let beingSet: { readonly override: BootOverride | undefined; readonly progress: Progress } | undefined;
  return {
    read: () =>
      beingSet?.progress.stage === "underWay"
        ? Promise.resolve(beingSet.override)
        : readOverride(session, reference, bootMemory),
    set: async (progress, override) => {
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
    },
    settleBeforeStart: (start, progress) =>
      settleBeforeStart(session, reference, bootMemory, start, setBootOptions(progress)),
    restore: (progress) => restoreOrder(session, reference, bootMemory, setBootOptions(progress)),
  };
}
