/** Delivers events: to subscribers by POST, and to the listeners of open streams (DSP0266 "Eventing"). */
import type { Log } from "../../../base/log.js";
import { createPersistentState } from "../../../model/bmc/state/persistentState.js";
import type { BmcStorage } from "../../../model/bmc/state/storage.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { EventStream } from "../exchange.js";
import { createDeliveryQueue, type Delivery, type DeliveryQueue } from "./deliveryQueue.js";
import { type RedfishEvent, toEnvelope } from "./event.js";
import { createStreams, type OpenStream } from "./streams.js";
import { isWanted, maxSubscriptions, type Subscription, subscriptionsCodec } from "./subscription.js";

export interface Eventing {
  readonly subscriptions: () => readonly Subscription[];
  readonly streams: () => readonly OpenStream[];
  /** undefined: the maximum number is reached. Rejects with StorageError. */
  readonly subscribe: (wish: Omit<Subscription, "id">) => Promise<Subscription | undefined>;
  /** Rejects with StorageError. */
  readonly setContext: (id: number, context: string | null) => Promise<void>;
  /** Also ends its stream. Rejects with StorageError. */
  readonly unsubscribe: (id: number) => Promise<void>;
  /** undefined: the maximum number is reached. `isAllowed` returns whether its user may still listen. */
  readonly stream: (userId: number, isAllowed: () => boolean) => EventStream | undefined;
  readonly refusal: Delivery["refusal"];
  readonly publish: (event: RedfishEvent) => void;
  readonly endStreams: () => void;
  readonly close: () => void;
}

export interface EventingOptions {
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
  readonly delivery: Delivery;
}

export function createEventing({ storage, timers, log, delivery }: EventingOptions): Eventing {
  const state = createPersistentState<readonly Subscription[]>(storage, "redfishEvents", [], subscriptionsCodec);
  const queues = new Map<number, DeliveryQueue>();
  // Higher after each start, so that no event has the ID of an earlier one.
  let lastEventId = timers.now();
  let lastId = Math.max(0, ...state.value().map(({ id }) => id));
  const newId = (): number => ++lastId;
  const streams = createStreams(newId, timers);

  function queueOf(subscription: Subscription): DeliveryQueue {
    const { id, destination: url, httpHeaders: headers, verifyCertificate } = subscription;
    const queue = queues.get(id) ?? createDeliveryQueue({ url, headers, verifyCertificate }, delivery, { timers, log });
    queues.set(id, queue);
    return queue;
  }

  function endQueue(id: number): void {
    queues.get(id)?.close();
    queues.delete(id);
  }

  return {
    subscriptions: state.value,
    streams: streams.all,
    subscribe: async (wish) => {
      let made: Subscription | undefined;
      await state.change((kept) => {
        made = kept.length < maxSubscriptions ? { ...wish, id: newId() } : undefined;
        return made ? [...kept, made] : kept;
      });
      return made;
    },
    setContext: (id, context) =>
      state.change((kept) => kept.map((each) => (each.id === id ? { ...each, context } : each))),
    unsubscribe: async (id) => {
      streams.end(id);
      await state.change((kept) =>
        kept.some((each) => each.id === id) ? kept.filter((each) => each.id !== id) : kept,
      );
      endQueue(id);
    },
    stream: streams.open,
    refusal: delivery.refusal,
    publish: (event) => {
      const id = String(++lastEventId);
      for (const subscription of state.value().filter((each) => isWanted(event, each))) {
        queueOf(subscription).send(JSON.stringify(toEnvelope(event, id, subscription.context)));
      }
      streams.send(id, JSON.stringify(toEnvelope(event, id, null)));
    },
    endStreams: streams.endAll,
    close: () => {
      streams.endAll();
      [...queues.keys()].forEach(endQueue);
    },
  };
}
