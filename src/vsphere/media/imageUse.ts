/** Which stored images are used by work that is under way, so that none is deleted meanwhile. */

export interface ImageUse {
  /** Keeps the file until the returned function is called. */
  readonly hold: (path: string) => () => void;
  /** Holds the path until those who wait for it do so themselves. */
  readonly handOver: (path: string) => string;
  /** Keeps the file while `work` writes it. */
  readonly whileWritten: <T>(path: string, work: () => Promise<T>) => Promise<T>;
  /** Runs `work`, which may delete the file, unless it is used; nobody is given the path meanwhile. */
  readonly whileLeaving: (path: string, work: () => Promise<void>) => Promise<void>;
  readonly isHeld: (path: string) => boolean;
  /** It may be gone in a moment. */
  readonly isLeaving: (path: string) => boolean;
}

export function createImageUse(): ImageUse {
  /** How many hold each path. */
  const held = new Map<string, number>();
  const leaving = new Set<string>();
  const growing = new Set<string>();

  function hold(path: string): () => void {
    change(path, 1);
    return () => change(path, -1);
  }

  function change(path: string, by: 1 | -1): void {
    const count = (held.get(path) ?? 0) + by;
    if (count > 0) {
      held.set(path, count);
    } else {
      held.delete(path);
    }
  }

  return {
    hold,
    handOver: (path) => {
      setImmediate(hold(path));
      return path;
    },
    whileWritten: async (path, work) => {
      growing.add(path);
      try {
        return await work();
      } finally {
        growing.delete(path);
      }
    },
    whileLeaving: async (path, work) => {
      if (growing.has(path) || held.has(path) || leaving.has(path)) {
        return;
      }
      leaving.add(path);
      try {
        await work();
      } finally {
        leaving.delete(path);
      }
    },
    isHeld: (path) => held.has(path),
    isLeaving: (path) => leaving.has(path),
  };
}
