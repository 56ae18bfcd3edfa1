/**
 * Delivers events to one subscriber, in order, with few retries and a bounded queue (DSP0266 "Event message delivery").
 */
import { reasonOf } from "../../../base/errors.js";
import type { Log } from "../../../base/log.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { HttpHeader } from "./subscription.js";

export interface Destination {
  readonly url: string;
  readonly headers: readonly HttpHeader[];
  readonly verifyCertificate: boolean;
}

/** Does the actual sending. */
export interface Delivery {
  /** Why the destination is not allowed, in one line; undefined: it is allowed. */
  readonly refusal: (url: string) => string | undefined;
  /** Resolves when the event was accepted; rejects with one line, within a timeout. */
  readonly post: (destination: Destination, body: string) => Promise<void>;
}

export interface DeliveryQueue {
  readonly send: (body: string) => void;
  readonly close: () => void;
}

export const tries = 3;
export const retryIntervalSeconds = 10;
/** If the queue is full, the oldest event is dropped. */
const maxWaiting = 64;

export function createDeliveryQueue(
  destination: Destination,
  { post }: Delivery,
  { timers, log }: { readonly timers: Timers; readonly log: Log },
): DeliveryQueue {
  const waiting: string[] = [];
  let isBusy = false;
  let isClosed = false;
  let cancel: () => void = () => undefined;

  function next(): void {
    const body = waiting[0];
    isBusy = body !== undefined && !isClosed;
    if (body !== undefined && !isClosed) {
      attempt(body, 1);
    }
  }

  function attempt(body: string, number: number): void {
    post(destination, body).then(
      () => finish(body),
      (error: unknown) => {
        if (isClosed) {
          return;
        }
        if (number < tries) {
          cancel = timers.after(retryIntervalSeconds * 1_000, () => attempt(body, number + 1));
          return;
        }
        log("warn", "cannot deliver an event to its subscriber", { reason: reasonOf(error) });
        finish(body);
      },
    );
  }

  function finish(body: string): void {
    if (waiting[0] === body) {
      waiting.shift();
    }
    next();
  }

  return {
    send: (body) => {
      if (waiting.length >= maxWaiting) {
        // The first one is being sent.
        waiting.splice(1, 1);
      }
      waiting.push(body);
      if (!isBusy) {
        next();
      }
    },
    close: () => {
      isClosed = true;
      cancel();
      waiting.length = 0;
    },
  };
}
