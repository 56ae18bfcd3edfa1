/** Reservations (IPMI 2.0 §31.4, §33.11): IDs that hold until what they were made for has changed. */
export interface Reservation {
  /** 1-FFFFh. The one that the same session made before is void. */
  readonly reserve: (sessionId: number | undefined) => number;
  readonly isValid: (id: number) => boolean;
  /** All are void: the BMC was reset. */
  readonly cancel: () => void;
}

/**
 * @param version differs from before whenever the reservations made so far became invalid
 * @param capacity reservations that hold at a time; with 1 a new one makes void whatever anybody held, as §31.4.2 says
 */
export function createReservation(version: () => number, capacity: number): Reservation {
  let lastId = 0;
  let held: readonly { readonly sessionId: number | undefined; readonly id: number }[] = [];
  let madeFor = version();

  function stillHeld(): typeof held {
    return madeFor === version() ? held : [];
  }

  return {
    reserve: (sessionId) => {
      lastId = lastId >= 0xffff ? 1 : lastId + 1;
      const others = stillHeld().filter((other) => other.sessionId !== sessionId);
      held = [...others, { sessionId, id: lastId }].slice(-capacity);
      madeFor = version();
      return lastId;
    },
    isValid: (id) => stillHeld().some((one) => one.id === id),
    cancel: () => {
      held = [];
    },
  };
}
