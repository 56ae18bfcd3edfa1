/** Resets of a VM by anybody: vSphere shows them in no other property than the list of its latest tasks. */
import { fromSoap, type MoRef } from "../vsphere/moRef.js";
import { readProperties, type Properties } from "../vsphere/properties.js";
import type { VimSession } from "../vsphere/session.js";
import { fieldOf, listOf, textOf } from "../vsphere/soapValue.js";

/** TaskInfo.descriptionId of ResetVM_Task. */
const resetDescription = "VirtualMachine.reset";

export interface ResetWatch {
  /** Looks at every state that is pushed; `isWanted` says whether a reset matters now. */
  readonly observe: (properties: Properties, isWanted: boolean) => void;
}

export function createResetWatch(session: () => VimSession, onReset: () => void): ResetWatch {
  let known: ReadonlySet<string> | undefined;

  async function look(task: MoRef): Promise<void> {
    const info = (await readProperties(session(), task, ["info"])).get("info");
    if (textOf(fieldOf(info, "descriptionId")) === resetDescription) {
      onReset();
    }
  }

  return {
    observe: (properties, isWanted) => {
      const tasks = listOf(properties.get("recentTask"), "ManagedObjectReference").flatMap(
        (value) => fromSoap(value) ?? [],
      );
      const before = known;
      known = new Set(tasks.map(({ value }) => value));
      // What there was at first is older than what it may matter for.
      const news = before && isWanted ? tasks.filter(({ value }) => !before.has(value)) : [];
      // A task that cannot be read any more is none to know of.
      news.forEach((task) => void look(task).catch(() => undefined));
    },
  };
}
