/** Reservations (IPMI 2.0 §31.4, §33.11): IDs that are valid until the reserved data changes. */
export interface Reservation {
  /** 1-FFFFh. Cancels the earlier reservation of the same session. */
  readonly reserve: (sessionId: number | undefined) => number;
  readonly isValid: (id: number) => boolean;
  /** Cancels all: the BMC was reset. */
  readonly cancel: () => void;
}

/**
 * @param version changes whenever the existing reservations became invalid
 * @param capacity maximum valid reservations; with 1 a new one cancels any other, as in §31.4.2
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
