/** Checks the drives of a VM in which we have inserted something, whenever its configuration or power has changed. */
import type { MachineSnapshot } from "../../model/machine/snapshot.js";

export interface MediaWatch {
  /** Call for every pushed state. */
  readonly observe: (snapshot: Pick<MachineSnapshot, "changeVersion" | "powerState">) => void;
  /** Reports the drives again. */
  readonly repeat: () => void;
}

export interface MediaWatchOptions {
  /** Whether an image of ours should be in a drive. */
  readonly hasInserted: () => boolean;
  /** Reads the drives, and reports them. */
  readonly read: () => Promise<unknown>;
}

export function createMediaWatch({ hasInserted, read }: MediaWatchOptions): MediaWatch {
  let last = "";

  function repeat(): void {
    if (hasInserted()) {
      // If it cannot be read now, it is read on request.
      read().catch(() => undefined);
    }
  }

  return {
    observe: ({ changeVersion = "", powerState }) => {
      const now = `${powerState} ${changeVersion}`;
      if (now !== last) {
        last = now;
        repeat();
      }
    },
    repeat,
  };
}
