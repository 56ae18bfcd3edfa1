/** Merges reads of many objects that are requested at the same moment into calls of a bounded size. */
import { isFault } from "./faults.js";
import type { MoRef } from "./moRef.js";
import { VimFault } from "./vimErrors.js";

/** Reads one object; rejects with the reason if this one cannot be read. */
export type Question<Result> = (object: MoRef, timeoutMs: number) => Promise<Result>;

export interface BatchOptions<Result> {
  /** Results by the value of the reference; an object without a result is gone. Rejects when the call fails. */
  readonly ask: (objects: readonly MoRef[], timeoutMs: number) => Promise<ReadonlyMap<string, Result>>;
  /** Most objects in one call: parsing the answer blocks the process. */
  readonly maxObjects: () => number;
}

/** How long to collect requests: those of BMCs that ask at the same moment arrive one by one, ms. */
const gatherMs = 5;

interface Asked<Result> {
  readonly object: MoRef;
  readonly timeoutMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatch<Result>({ ask, maxObjects }: BatchOptions<Result>): Question<Result> {
  let gathered: Asked<Result>[] = [];

  function askGathered(): void {
    const byObject = new Map<string, Asked<Result>[]>();
    gathered.forEach((asked) => {
      byObject.set(asked.object.value, [...(byObject.get(asked.object.value) ?? []), asked]);
    });
    gathered = [];
    const groups = [...byObject.values()];
    const size = Math.max(maxObjects(), 1);
    for (let at = 0; at < groups.length; at += size) {
      void askPage(groups.slice(at, at + size));
    }
  }

  async function askPage(page: readonly (readonly Asked<Result>[])[]): Promise<void> {
    const all = page.flat();
    const objects = page.flatMap(([first]) => first?.object ?? []);
    try {
      const results = await ask(objects, Math.max(...all.map(({ timeoutMs }) => timeoutMs)));
      all.forEach(({ object, resolve, reject }) => {
        const result = results.get(object.value);
        if (result === undefined) {
          reject(new VimFault("ManagedObjectNotFound", `${object.type} ${object.value} is gone`));
        } else {
          resolve(result);
        }
      });
    } catch (error) {
      if (page.length > 1 && isOfOneObject(error)) {
        const half = Math.ceil(page.length / 2);
        await Promise.all([askPage(page.slice(0, half)), askPage(page.slice(half))]);
      } else {
        all.forEach(({ reject }) => reject(error));
      }
    }
  }

  return (object, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) {
        setTimeout(askGathered, gatherMs);
      }
      gathered.push({ object, timeoutMs, resolve, reject });
    });
}

/** One object that is gone or unreadable makes the whole call fail: retry the others without it. */
function isOfOneObject(error: unknown): boolean {
  return isFault(error, "ManagedObjectNotFound", "InvalidArgument", "NoPermission");
}
