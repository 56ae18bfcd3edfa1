/**
 * Reservations (IPMI 2.0 §31.4, §33.11): IDs that hold until what they were made for has changed. Several hold at a
 * time, so that two clients that read do not take turns in starting anew.
 */
export interface Reservation {
  /** 1-FFFFh. */
  readonly reserve: () => number;
  readonly isValid: (id: number) => boolean;
}

/** IDs that hold at a time. */
const capacity = 16;

/** `version` differs from before whenever the reservations made so far have lost their worth. */
export function createReservation(version: () => number): Reservation {
  let lastId = 0;
  let ids: number[] = [];
  let madeFor = version();

  return {
    reserve: () => {
      if (madeFor !== version()) {
        ids = [];
        madeFor = version();
      }
      lastId = lastId >= 0xffff ? 1 : lastId + 1;
      ids = [...ids, lastId].slice(-capacity);
      return lastId;
    },
    isValid: (id) => madeFor === version() && ids.includes(id),
  };
}
