/**
 * When replies leave. One client that asks alone gets its reply at once. The replies to several clients leave together, at
 * the end of an event loop turn: each wakes its client, which on a busy host would take the CPU from the BMC before the
 * next request is answered.
 */
export type Outbox = (reply: Buffer, port: number, address: string) => void;

interface Client {
  readonly port: number;
  readonly address: string;
}

export function createOutbox(send: Outbox): Outbox {
  let waiting: { readonly reply: Buffer; readonly client: Client }[] = [];
  /** The only one that has been answered lately. */
  let alone: Client | undefined;

  function flush(): void {
    const leaving = waiting;
    waiting = [];
    alone = leaving.length === 1 ? leaving[0]?.client : undefined;
    for (const { reply, client } of leaving) {
      send(reply, client.port, client.address);
    }
  }

  return (reply, port, address) => {
    if (alone?.port === port && alone.address === address) {
      send(reply, port, address);
      return;
    }
    alone = undefined;
    if (waiting.push({ reply, client: { port, address } }) === 1) {
      setImmediate(flush);
    }
  };
}
