/**
 * Sends the replies of one event loop turn together, at its end: each reply wakes its client, which on a busy host would
 * take the CPU from the BMC before the next request is answered.
 */
export type Outbox = (reply: Buffer, port: number, address: string) => void;

export function createOutbox(send: Outbox): Outbox {
  let waiting: (readonly [reply: Buffer, port: number, address: string])[] = [];

  function flush(): void {
    const leaving = waiting;
    waiting = [];
    for (const [reply, port, address] of leaving) {
      send(reply, port, address);
    }
  }

  return (reply, port, address) => {
    if (waiting.push([reply, port, address]) === 1) {
      setImmediate(flush);
    }
  };
}
