/** Listeners for an event; each can remove itself. */
export interface Listeners<T> {
  /** Returns the function that unsubscribes. */
  readonly add: (listener: (value: T) => void) => () => void;
  readonly notify: (value: T) => void;
}

export function createListeners<T>(): Listeners<T> {
  const entries = new Set<{ readonly listener: (value: T) => void }>();
  return {
    add: (listener) => {
      const entry = { listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    notify: (value) => [...entries].forEach(({ listener }) => listener(value)),
  };
}
