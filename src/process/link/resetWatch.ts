/** Detects resets of a VM from any source: vSphere shows them only in the list of its latest tasks. */
import { recentTasks } from "../../vsphere/bootOrder.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { PendingBoot } from "../../vsphere/nextBoot.js";
import { type Properties, readProperties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { fieldOf, textOf } from "../../vsphere/soapValue.js";

/** TaskInfo.descriptionId of ResetVM_Task. */
const resetDescription = "VirtualMachine.reset";

export interface ResetWatch {
  /** Checks every pushed state for resets since the device was set. */
  readonly observe: (properties: Properties, pending: PendingBoot | undefined) => void;
}

export function createResetWatch(session: () => VimSession, onReset: () => void): ResetWatch {
  let seen: ReadonlySet<string> = new Set();

  async function inspect(task: MoRef): Promise<void> {
    const info = (await readProperties(session(), task, ["info"])).get("info");
    if (textOf(fieldOf(info, "descriptionId")) === resetDescription) {
      onReset();
    }
  }

  return {
    observe: (properties, pending) => {
      if (!pending || pending.startedAt !== undefined) {
        return;
      }
      const tasks = recentTasks(properties);
      const newTasks = tasks.filter(({ value }) => !pending.tasks.includes(value) && !seen.has(value));
      seen = new Set(tasks.map(({ value }) => value));
      // Ignore a task that can no longer be read.
      newTasks.forEach((task) => void inspect(task).catch(() => undefined));
    },
  };
}
