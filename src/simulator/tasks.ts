/** Tasks: they are queued, run for a time, and end in success or with a fault. */
import { Fault, localized } from "./fault.js";
import type { ObjectTable } from "./managedObject.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { boolean, dateTime, reference, structure, symbol, text, type Reference, type Value } from "./value.js";

export interface Tasks {
  /** Begins a task on the VM; throws TaskInProgress while another one is at work on it. `work` may throw a Fault. */
  readonly begin: (name: string, vm: SimulatedVm, work: () => void) => Reference;
  readonly close: () => void;
}

/** Finished tasks that are kept, so that clients can read how they went. */
const keptTasks = 500;

export function createTasks(objects: ObjectTable, taskDurationMs: () => number): Tasks {
  const ids: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let count = 0;

  return {
    begin: (name, vm, work) => {
      if (vm.isBusy) {
        throw new Fault(
          "TaskInProgress",
          "The operation is not allowed in the current state: another task is in progress.",
        );
      }
      vm.isBusy = true;
      const at: Reference = { type: "Task", id: `task-${++count}` };
      const queuedAt = new Date();
      let state: "queued" | "running" | "success" | "error" = "queued";
      let error: Value | undefined;
      objects.add({
        reference: at,
        properties: () => ({
          info: structure("TaskInfo", {
            key: text(at.id),
            task: reference(at.type, at.id),
            name: text(name),
            descriptionId: text(`VirtualMachine.${name.replace(/_Task$/, "")}`),
            entity: reference("VirtualMachine", vm.id),
            entityName: text(vm.name),
            state: symbol("TaskInfoState", state),
            cancelled: boolean(false),
            cancelable: boolean(false),
            error,
            queueTime: dateTime(queuedAt),
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
      later(0, () => {
        state = "running";
        later(taskDurationMs(), () => {
          vm.isBusy = false;
          try {
            work();
            state = "success";
          } catch (fault) {
            error = localized(fault instanceof Fault ? fault : new Fault("SystemError", String(fault)));
            state = "error";
          }
        });
      });
      return at;
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}
