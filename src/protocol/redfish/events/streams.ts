/** Server-Sent Events (DSP0266 "Server-sent events"): a subscription that lasts as long as the client listens. */
import type { Timers } from "../../../model/bmc/timers.js";
import type { EventStream } from "../exchange.js";

export interface OpenStream {
  readonly id: number;
  /** Slot of the listening account. */
  readonly userId: number;
}

export interface Streams {
  /** undefined: the maximum number is reached. */
  readonly open: (userId: number, isAllowed: () => boolean) => EventStream | undefined;
  readonly all: () => readonly OpenStream[];
  readonly send: (eventId: string, data: string) => void;
  readonly end: (id: number) => void;
  readonly endAll: () => void;
}

interface Listening extends OpenStream {
  readonly write: (chunk: string) => void;
  /** Whether it may still listen; if not, it is ended. */
  readonly isAllowed: () => boolean;
  readonly end: () => void;
}

const maxStreams = 100;
/** Interval of keep-alive comments: proxies close silent connections, and a write detects a client that has gone. */
const keepAliveMs = 30_000;

export function createStreams(newId: () => number, timers: Timers): Streams {
  const listening = new Map<number, Listening>();
  let cancelKeepAlive: () => void = () => undefined;

  function write(chunk: string): void {
    for (const { id, write, isAllowed } of [...listening.values()]) {
      if (isAllowed()) {
        write(chunk);
      } else {
        end(id);
      }
    }
  }

  function end(id: number): void {
    const ended = listening.get(id);
    forget(id);
    ended?.end();
  }

  function forget(id: number): void {
    listening.delete(id);
    if (listening.size === 0) {
      cancelKeepAlive();
    }
  }

  function keepAlive(): void {
    cancelKeepAlive = timers.after(keepAliveMs, () => {
      write(":\n\n");
      if (listening.size > 0) {
        keepAlive();
      }
    });
  }

  return {
    open: (userId, isAllowed) => {
      if (listening.size >= maxStreams) {
        return undefined;
      }
      return {
        subscribe: (write, whenEnded) => {
          const id = newId();
          if (listening.size === 0) {
            keepAlive();
          }
          listening.set(id, { id, userId, write, isAllowed, end: whenEnded });
          // Shows the client that the subscription works.
          write(":\n\n");
          return () => forget(id);
        },
      };
    },
    all: () => [...listening.values()],
    send: (eventId, data) => write(`id: ${eventId}\ndata: ${data}\n\n`),
    end,
    endAll: () => [...listening.keys()].forEach(end),
  };
}
