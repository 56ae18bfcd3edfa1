/**
 * Replies of one pass over the event loop leave together, at its end: each one wakes its client, which on a busy machine
 * takes the processor from the BMC before the next request is answered.
 */
export interface Outbox {
  /** Does nothing once closed: an operation may end after the port of its BMC is given up. */
  readonly post: (send: () => void) => void;
  readonly close: () => void;
}

export function createOutbox(): Outbox {
  let waiting: (() => void)[] = [];
  let isClosed = false;

  function flush(): void {
    const leaving = waiting;
    waiting = [];
    if (!isClosed) {
      leaving.forEach((send) => send());
    }
  }

  return {
    post: (send) => {
      if (waiting.push(send) === 1) {
        setImmediate(flush);
      }
    },
    close: () => {
      isClosed = true;
    },
  };
}
