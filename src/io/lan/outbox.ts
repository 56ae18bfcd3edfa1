/**
 * Replies of one pass over the event loop leave together, at its end: each one wakes its client, which on a busy machine
 * takes the processor from the BMC before the next request is answered.
 */
export type Outbox = (send: () => void) => void;

export function createOutbox(): Outbox {
  let waiting: (() => void)[] = [];

  function flush(): void {
    const leaving = waiting;
    waiting = [];
    leaving.forEach((send) => send());
  }

  return (send) => {
    if (waiting.push(send) === 1) {
      setImmediate(flush);
    }
  };
}
