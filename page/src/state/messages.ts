/** What the page says: the last status and the failures that are still to be read. */
import { createStore, type Store } from "./store.js";

export interface Messages {
  readonly status: Store<string>;
  readonly failures: Store<readonly string[]>;
  readonly say: (text: string) => void;
  readonly fail: (text: string) => void;
  readonly dismiss: (text: string) => void;
}

const maxFailures = 5;

export function createMessages(): Messages {
  const status = createStore("");
  const failures = createStore<readonly string[]>([]);
  return {
    status,
    failures,
    say: status.set,
    fail: (text) => failures.set([...failures.get().filter((each) => each !== text), text].slice(-maxFailures)),
    dismiss: (text) => failures.set(failures.get().filter((each) => each !== text)),
  };
}
