/**
 * Sends the replies of one event loop turn together, at its end: each reply wakes its client, which on a busy host would
 * take the CPU from the BMC before the next request is answered.
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
