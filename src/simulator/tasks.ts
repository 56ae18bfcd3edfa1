/** Tasks: they are queued, run for a time, and end in success or with a fault. */
import { Fault, localized } from "./fault.js";
import type { ObjectTable } from "./managedObject.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { boolean, dateTime, type Reference, reference, structure, symbol, text, type Value } from "./value.js";

export interface Tasks {
  /**
   * Begins a task on the VM; throws TaskInProgress while another one is at work on it. `work` may throw a Fault, and
   * `check` too, which is asked before the task takes its time. Where `holdUp` says true, the task runs until what it was
   * given is called.
   */
  readonly begin: (
    name: string,
    vm: SimulatedVm,
    work: () => void,
    before?: { readonly check?: () => void; readonly holdUp?: (goOn: (fault?: Fault) => void) => boolean },
  ) => Reference;
  /** Begins a task that is about no VM; `work` gives the task's result, and may throw a Fault. */
  readonly beginApart: (name: string, about: TaskSubject, work: () => Value | undefined) => Reference;
  readonly close: () => void;
}

/** What a task is about. */
export interface TaskSubject {
  readonly reference: Reference;
  readonly name: string;
}

interface Steps {
  readonly work: () => Value | undefined;
  readonly check: () => void;
  readonly holdUp: (goOn: (fault?: Fault) => void) => boolean;
  readonly onEnd: () => void;
}

/** Finished tasks that are kept, so that clients can read how they went. */
const keptTasks = 500;
/** Of each VM, in its property recentTask. */
const recentTasks = 5;

export function createTasks(objects: ObjectTable, taskDurationMs: () => number): Tasks {
  const ids: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let count = 0;

  function add(name: string, about: TaskSubject, { work, check, holdUp, onEnd }: Steps): Reference {
    const at: Reference = { type: "Task", id: `task-${++count}` };
    const queuedAt = new Date();
    let state: "queued" | "running" | "success" | "error" = "queued";
    let error: Value | undefined;
    let result: Value | undefined;
    objects.add({
      reference: at,
      properties: () => ({
        info: structure("TaskInfo", {
          key: text(at.id),
          task: reference(at.type, at.id),
          name: text(name),
          descriptionId: text(descriptionId(name)),
          entity: reference(about.reference.type, about.reference.id),
          entityName: text(about.name),
          state: symbol("TaskInfoState", state),
          cancelled: boolean(false),
          cancelable: boolean(false),
          error,
          result,
          queueTime: dateTime(queuedAt),
          startTime: state === "queued" ? undefined : dateTime(queuedAt),
        }),
      }),
    });
    ids.push(at.id);
    if (ids.length > keptTasks) {
      objects.remove(ids.shift() ?? "");
    }
    const later = (delayMs: number, step: () => void): void => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        step();
        objects.changed(at.id);
      }, delayMs);
      timers.add(timer);
    };
    const finish = (trouble?: Fault): void => {
      onEnd();
      try {
        if (trouble) {
          throw trouble;
        }
        result = work();
        state = "success";
      } catch (fault) {
        error = localized(fault instanceof Fault ? fault : new Fault("SystemError", String(fault)));
        state = "error";
      }
      objects.changed(at.id);
    };
    later(0, () => {
      state = "running";
      try {
        check();
      } catch (fault) {
        finish(fault instanceof Fault ? fault : new Fault("SystemError", String(fault)));
        return;
      }
      later(taskDurationMs(), () => {
        if (!holdUp(finish)) {
          finish();
        }
      });
    });
    return at;
  }

  return {
    begin: (name, vm, work, { check = () => undefined, holdUp = () => false } = {}) => {
      if (vm.isBusy) {
        const current = vm.recentTasks.at(-1);
        throw new Fault(
          "TaskInProgress",
          "The operation is not allowed in the current state: another task is in progress.",
          { task: current === undefined ? undefined : reference("Task", current) },
        );
      }
      vm.isBusy = true;
      const about = { reference: { type: "VirtualMachine", id: vm.id }, name: vm.name };
      const at = add(name, about, {
        work: () => {
          work();
          return undefined;
        },
        check,
        holdUp,
        onEnd: () => {
          vm.isBusy = false;
        },
      });
      vm.recentTasks = [...vm.recentTasks, at.id].slice(-recentTasks);
      objects.changed(vm.id);
      return at;
    },
    beginApart: (name, about, work) =>
      add(name, about, { work, check: () => undefined, holdUp: () => false, onEnd: () => undefined }),
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

/** As vSphere names its methods there: `ResetVM_Task` is `VirtualMachine.reset`. */
function descriptionId(method: string): string {
  const type = /Datastore/.test(method)
    ? /^Search/.test(method)
      ? "HostDatastoreBrowser"
      : "FileManager"
    : "VirtualMachine";
  const name = method.replace(/_Task$/, "").replace(/VM$/, "");
  return `${type}.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
