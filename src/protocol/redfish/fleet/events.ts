/** Server-Sent Events of the fleet (DSP0266 "Server-sent events"): each client gets what concerns the BMCs it may see. */
import type { Timers } from "../../../model/bmc/timers.js";
import { type RedfishEvent, toEnvelope } from "../events/event.js";
import type { EventStream } from "../exchange.js";

export interface FleetEvents {
  /** undefined: there are as many streams as allowed. `isOpen` false ends it. */
  readonly open: (listener: {
    readonly sees: (name: string) => boolean;
    readonly isOpen: () => boolean;
  }) => EventStream | undefined;
  /** `name`: the BMC that it concerns. */
  readonly publish: (name: string, event: RedfishEvent) => void;
  readonly endAll: () => void;
}

interface Listener {
  readonly sees: (name: string) => boolean;
  readonly isOpen: () => boolean;
  readonly write: (chunk: string) => void;
  readonly end: () => void;
}

const maxStreams = 1_000;
/** A comment now and then: proxies cut silent connections, and a vanished client is noticed. */
const keepAliveMs = 30_000;

export function createFleetEvents(timers: Timers): FleetEvents {
  const listeners = new Set<Listener>();
  // Higher after each start, so that no client takes an event for an earlier one.
  let lastId = timers.now();
  let cancelKeepAlive: () => void = () => undefined;

  function send(chunk: string, isFor: (listener: Listener) => boolean): void {
    for (const listener of [...listeners]) {
      if (!listener.isOpen()) {
        remove(listener);
        listener.end();
      } else if (isFor(listener)) {
        listener.write(chunk);
      }
    }
  }

  function remove(listener: Listener): void {
    listeners.delete(listener);
    if (listeners.size === 0) {
      cancelKeepAlive();
    }
  }

  function keepAlive(): void {
    cancelKeepAlive = timers.after(keepAliveMs, () => {
      send(":\n\n", () => true);
      if (listeners.size > 0) {
        keepAlive();
      }
    });
  }

  return {
    open: ({ sees, isOpen }) =>
      listeners.size >= maxStreams
        ? undefined
        : {
            subscribe: (write, end) => {
              const listener: Listener = { sees, isOpen, write, end };
              if (listeners.size === 0) {
                keepAlive();
              }
              listeners.add(listener);
              // Shows the client that it is subscribed.
              write(":\n\n");
              return () => remove(listener);
            },
          },
    publish: (name, event) => {
      if (listeners.size > 0) {
        const id = String(++lastId);
        send(`id: ${id}\ndata: ${JSON.stringify(toEnvelope(event, id, null))}\n\n`, ({ sees }) => sees(name));
      }
    },
    endAll: () => {
      const ended = [...listeners];
      ended.forEach(remove);
      ended.forEach(({ end }) => end());
    },
  };
}
