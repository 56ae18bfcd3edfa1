/** The one-time keys of those who may open a console. */
import type { ConsoleAdmission } from "../ipc/console.js";

export interface Admissions {
  readonly add: (admission: ConsoleAdmission) => void;
  /** Uses the key up. @throws Error with a sentence */
  readonly use: (key: string) => ConsoleAdmission;
}

export function createAdmissions(): Admissions {
  const byKey = new Map<string, ConsoleAdmission>();
  return {
    add: (admission) => {
      byKey.set(admission.key, admission);
      setTimeout(() => byKey.delete(admission.key), admission.validMs).unref();
    },
    use: (key) => {
      const admission = byKey.get(key);
      if (admission === undefined) {
        throw new Error("the key is unknown, was used before or is too old: open the console again");
      }
      byKey.delete(key);
      return admission;
    },
  };
}
