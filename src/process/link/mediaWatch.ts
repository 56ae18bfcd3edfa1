/** Looks at the drives of a VM in which we have inserted something, whenever its configuration or power has changed. */
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import type { MachineMedia } from "../../vsphere/media/machineMedia.js";

export interface MediaWatch {
  /** Takes each pushed state of the VM. */
  readonly observe: (snapshot: Pick<MachineSnapshot, "changeVersion" | "powerState">) => void;
  /** Reports once more what is in the drives. */
  readonly repeat: () => void;
}

export function createMediaWatch({ hasInserted, read }: Pick<MachineMedia, "hasInserted" | "read">): MediaWatch {
  let last = "";

  function repeat(): void {
    if (hasInserted()) {
      // What cannot be read now is read when somebody asks.
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
