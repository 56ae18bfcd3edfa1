/** Listeners for an event; each can remove itself. */
export interface Listeners<T> {
  /** Returns the function that unsubscribes. */
  readonly add: (listener: (news: T) => void) => () => void;
  readonly tell: (news: T) => void;
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<{ readonly tell: (news: T) => void }>();
  return {
    add: (tell) => {
      const entry = { tell };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    tell: (news) => [...listeners].forEach(({ tell }) => tell(news)),
  };
}
