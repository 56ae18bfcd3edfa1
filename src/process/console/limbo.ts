/** Connections that have not identified themselves yet: limited in number and time. */

export interface LimboOptions {
  readonly maxConnections: number;
  readonly timeoutMs: number;
}

export interface Limbo {
  /** `expel` is called when the time is over, or the place is needed. The result says that it is known now, or gone. */
  readonly enter: (expel: (reason: string) => void) => () => void;
  readonly size: number;
}

export function createLimbo({ maxConnections, timeoutMs }: LimboOptions): Limbo {
  /** The oldest first. */
  const waiting = new Set<(reason: string) => void>();
  return {
    enter: (expel) => {
      const [oldest] = waiting;
      if (oldest !== undefined && waiting.size >= maxConnections) {
        // A VM identifies itself within milliseconds: a flood only displaces its own connections.
        oldest("too many connections do not say who they are");
      }
      const leave = (): void => {
        clearTimeout(timer);
        waiting.delete(end);
      };
      const end = (reason: string): void => {
        leave();
        expel(reason);
      };
      const timer = setTimeout(() => end(`it did not say within ${timeoutMs / 1000} s who it is`), timeoutMs);
      waiting.add(end);
      return leave;
    },
    get size() {
      return waiting.size;
    },
  };
}
