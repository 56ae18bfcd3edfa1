/** Who wants to be told of something; each ends its own subscription. */
export interface Listeners<T> {
  /** The result ends it. */
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
