/** The tasks in a watch besides its VMs: a ListView of them, and one filter over its content. */
import { createSerialQueue } from "../base/async/serialQueue.js";
import { defined } from "../base/defined.js";
import { isFault, isRefusal } from "./faults.js";
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import { propertySpec } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import type { TaskPush } from "./taskFollower.js";
import { type TaskOutcome, toTaskOutcome } from "./taskInfo.js";
import { VimTransportError } from "./vimErrors.js";

export interface TaskWatch extends TaskPush {
  /** Processes an update of the collector; returns whether it concerned a task. */
  readonly take: (objectUpdate: unknown) => boolean;
  /** The collector, or the session it was made in, is gone. */
  readonly forget: () => void;
}

export interface TaskWatchOptions {
  readonly session: VimSession;
  /** The collector on which updates are awaited. */
  readonly collector: () => { readonly reference: MoRef; readonly generation: symbol } | undefined;
  readonly onTold: (task: MoRef, outcome: TaskOutcome) => void;
  /** There will be no updates on the tasks being followed. */
  readonly onRefused: () => void;
}

interface TaskView {
  readonly reference: MoRef;
  readonly filter: MoRef;
  readonly generation: symbol;
}

/** Tasks of commands that came in the same moment are listed together, ms. */
const gatherMs = 5;
/** Ended tasks leave the list with the next ones that come, or after this time, ms. */
const leaveMs = 3_000;

const traversal = {
  attributes: { "xsi:type": "vim25:TraversalSpec" },
  name: "tasks",
  type: "ListView",
  path: "view",
  skip: false,
};

export function createTaskWatch({ session, collector, onTold, onRefused }: TaskWatchOptions): TaskWatch {
  let view: TaskView | undefined;
  let isRefused = false;
  let coming: MoRef[] = [];
  let leaving: MoRef[] = [];
  let timer: { readonly handle: NodeJS.Timeout; readonly due: number } | undefined;
  /** Changes of the list come one after the other. */
  const changes = createSerialQueue();

  function change(delayMs: number): void {
    const due = Date.now() + delayMs;
    if (timer && timer.due <= due) {
      return;
    }
    clearTimeout(timer?.handle);
    const handle = setTimeout(() => {
      timer = undefined;
      changes.run(changeNow).catch(onRefused);
    }, delayMs);
    timer = { handle, due };
  }

  async function changeNow(): Promise<void> {
    const at = collector();
    const [add, remove] = [coming, leaving];
    [coming, leaving] = [[], []];
    if (view && view.generation === at?.generation) {
      await modify(view, add, remove);
    } else if (at && add.length > 0) {
      view = await list(at, add);
    }
  }

  async function modify(present: TaskView, add: readonly MoRef[], remove: readonly MoRef[]): Promise<void> {
    const { reference, filter, generation } = present;
    const lists = { add: add.map(toSoap), remove: remove.map(toSoap) };
    try {
      await session.call("ModifyListView", reference, lists, { within: generation });
    } catch (error) {
      // Another one is made for the tasks to come.
      view = undefined;
      for (const [method, target] of [
        ["DestroyPropertyFilter", filter] as const,
        ["DestroyView", reference] as const,
      ]) {
        await session.call(method, target, {}, { within: generation }).catch(() => undefined);
      }
      throw error;
    }
  }

  async function list(at: { reference: MoRef; generation: symbol }, tasks: readonly MoRef[]): Promise<TaskView> {
    const options = { within: at.generation, urgency: "power" } as const;
    const create = async (method: string, target: MoRef, args: Record<string, unknown>): Promise<MoRef | undefined> =>
      fromSoap(await session.call(method, target, args, options));
    try {
      const reference = await create("CreateListView", session.content.viewManager, { obj: tasks.map(toSoap) });
      const objectSet = [defined({ obj: reference && toSoap(reference), skip: true, selectSet: [traversal] })];
      const spec = { propSet: [propertySpec("Task", ["info.state", "info.error"])], objectSet };
      const filter = reference && (await create("CreateFilter", at.reference, { spec, partialUpdates: false }));
      if (!reference || !filter) {
        throw new VimTransportError("badResponse", "vCenter made no list of tasks");
      }
      // Servers differ in whether a wait that is under way sees a new filter.
      await session.call("CancelWaitForUpdates", at.reference, {}, options).catch(() => undefined);
      return { reference, filter, generation: at.generation };
    } catch (error) {
      // A server that cannot do it is not asked again.
      isRefused = isRefusal(error) && !isFault(error, "ManagedObjectNotFound");
      throw error;
    }
  }

  return {
    follow: (task) => {
      if (isRefused || !collector()) {
        return false;
      }
      coming.push(task);
      change(gatherMs);
      return true;
    },
    release: (task) => {
      if (coming.includes(task)) {
        coming = coming.filter((other) => other !== task);
      } else if (view) {
        leaving.push(task);
        change(leaveMs);
      }
    },
    take: (objectUpdate) => {
      const task = fromSoap(fieldOf(objectUpdate, "obj"));
      if (task?.type !== "Task") {
        return false;
      }
      const outcome = outcomeIn(objectUpdate);
      if (outcome !== undefined) {
        onTold(task, outcome);
      }
      return true;
    },
    forget: () => {
      clearTimeout(timer?.handle);
      timer = undefined;
      view = undefined;
      [coming, leaving] = [[], []];
      onRefused();
    },
  };
}

/** undefined: it does not contain enough to know how the task ended. */
function outcomeIn(objectUpdate: unknown): TaskOutcome | undefined {
  const changes = new Map(
    listOf(fieldOf(objectUpdate, "changeSet")).map((change) => [
      textOf(fieldOf(change, "name")),
      fieldOf(change, "val"),
    ]),
  );
  const [state, error] = [textOf(changes.get("info.state")), changes.get("info.error")];
  return state === undefined || (state === "error" && error === undefined) ? undefined : toTaskOutcome(state, error);
}
