/** The time after which the answer to a request is useless: set once, where the request arrives, and passed along. */

/** ms since the epoch, so that processes of one host can pass it on. */
export type Deadline = number;

export function deadlineIn(timeoutMs: number, now = Date.now()): Deadline {
  return now + timeoutMs;
}

/** ms until `reserveMs` before the deadline, which leave time for the answer to travel; 0 when that has passed. */
export function timeLeftMs(deadline: Deadline, reserveMs = 0, now = Date.now()): number {
  return Math.max(0, deadline - reserveMs - now);
}
