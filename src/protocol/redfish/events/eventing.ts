/** Who is told of events, and how: subscribers by POST, and listeners of a stream while it is open (DSP0266 "Eventing"). */
import type { Log } from "../../../base/log.js";
import { createPersistentState } from "../../../model/bmc/state/persistentState.js";
import type { BmcStorage } from "../../../model/bmc/state/storage.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { EventStream } from "../exchange.js";
import { type RedfishEvent, toEnvelope } from "./event.js";
import { createPostman, type Delivery, type Postman } from "./postman.js";
import { createStreams, type OpenStream } from "./streams.js";
import { isWanted, mostSubscriptions, type Subscription, subscriptionsCodec } from "./subscription.js";

export interface Eventing {
  readonly subscriptions: () => readonly Subscription[];
  readonly streams: () => readonly OpenStream[];
  /** undefined: there are as many as can be. Rejects with StorageError. */
  readonly subscribe: (wish: Omit<Subscription, "id">) => Promise<Subscription | undefined>;
  /** Rejects with StorageError. */
  readonly setContext: (id: number, context: string | null) => Promise<void>;
  /** A stream ends with it. Rejects with StorageError. */
  readonly unsubscribe: (id: number) => Promise<void>;
  /** undefined: there are as many as can be. `isAllowed` tells whether its user may still listen. */
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
  const postmen = new Map<number, Postman>();
  // Higher after each start, so that nobody takes an event for one of before.
  let lastEventId = timers.now();
  let lastId = Math.max(0, ...state.value().map(({ id }) => id));
  const newId = (): number => ++lastId;
  const streams = createStreams(newId, timers);

  function postmanOf(subscription: Subscription): Postman {
    const { id, destination: url, httpHeaders: headers, verifyCertificate } = subscription;
    const postman = postmen.get(id) ?? createPostman({ url, headers, verifyCertificate }, delivery, { timers, log });
    postmen.set(id, postman);
    return postman;
  }

  function endPostman(id: number): void {
    postmen.get(id)?.close();
    postmen.delete(id);
  }

  return {
    subscriptions: state.value,
    streams: streams.all,
    subscribe: async (wish) => {
      let made: Subscription | undefined;
      await state.change((kept) => {
        made = kept.length < mostSubscriptions ? { ...wish, id: newId() } : undefined;
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
      endPostman(id);
    },
    stream: streams.open,
    refusal: delivery.refusal,
    publish: (event) => {
      const id = String(++lastEventId);
      for (const subscription of state.value().filter((each) => isWanted(event, each))) {
        postmanOf(subscription).send(JSON.stringify(toEnvelope(event, id, subscription.context)));
      }
      streams.send(id, JSON.stringify(toEnvelope(event, id, null)));
    },
    endStreams: streams.endAll,
    close: () => {
      streams.endAll();
      [...postmen.keys()].forEach(endPostman);
    },
  };
}
