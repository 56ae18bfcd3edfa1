/**
 * Shares the few connections to one server: power first, then statistics, then the rest, and round robin over the objects
 * within each class, so that many calls for one VM do not delay the others.
 */
import { VimTransportError } from "./vimErrors.js";

export const urgencies = ["power", "statistics", "rest"] as const;
export type Urgency = (typeof urgencies)[number];

export interface Ticket {
  readonly urgency: Urgency;
  /** The object that the call is for, e.g. the value of a VM's reference. */
  readonly owner: string;
  /** How long it may wait for its turn. */
  readonly timeoutMs: number;
}

export interface CallQueue {
  /** Resolves when it is the caller's turn, with the function that ends the turn; rejects with VimTransportError `notSent`. */
  readonly take: (ticket: Ticket) => Promise<() => void>;
}

/** Maximum waiting calls: additional ones would only time out. */
const maxWaiting = 2_000;
/** Every so many turns one goes to the least urgent class, so that nothing waits forever. */
const urgentTurns = 8;

interface Waiting {
  readonly begin: () => void;
}

/** Calls by owner; an owner that had its turn moves to the end. */
type Lane = Map<string, Waiting[]>;

export function createCallQueue(atOnce: number): CallQueue {
  const lanes: Readonly<Record<Urgency, Lane>> = { power: new Map(), statistics: new Map(), rest: new Map() };
  let underWay = 0;
  let waitingCount = 0;
  let turns = 0;

  function next(): Waiting | undefined {
    const order = ++turns % urgentTurns === 0 ? urgencies.toReversed() : urgencies;
    for (const urgency of order) {
      const first = takeFirst(lanes[urgency]);
      if (first) {
        return first;
      }
    }
    return undefined;
  }

  function finish(): void {
    underWay--;
    next()?.begin();
  }

  /** Ends one turn, once. */
  function turn(): () => void {
    underWay++;
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        finish();
      }
    };
  }

  function wait({ urgency, owner, timeoutMs }: Ticket): Promise<() => void> {
    const lane = lanes[urgency];
    waitingCount++;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        begin: () => {
          clearTimeout(timer);
          waitingCount--;
          resolve(turn());
        },
      };
      const timer = setTimeout(() => {
        waitingCount--;
        remove(lane, owner, waiting);
        reject(notSent(`the call waited ${timeoutMs} ms behind ${underWay + waitingCount} others and was not sent`));
      }, timeoutMs);
      lane.set(owner, [...(lane.get(owner) ?? []), waiting]);
    });
  }

  return {
    take: (ticket) => {
      if (underWay < atOnce) {
        return Promise.resolve(turn());
      }
      return waitingCount < maxWaiting
        ? wait(ticket)
        : Promise.reject(notSent(`${waitingCount} calls to vSphere are already waiting: the call was not sent`));
    },
  };
}

function notSent(message: string): VimTransportError {
  return new VimTransportError("notSent", message);
}

function takeFirst(lane: Lane): Waiting | undefined {
  for (const [owner, [first, ...others]] of lane) {
    lane.delete(owner);
    if (others.length > 0) {
      lane.set(owner, others);
    }
    return first;
  }
  return undefined;
}

function remove(lane: Lane, owner: string, waiting: Waiting): void {
  const others = (lane.get(owner) ?? []).filter((candidate) => candidate !== waiting);
  if (others.length > 0) {
    lane.set(owner, others);
  } else {
    lane.delete(owner);
  }
}
