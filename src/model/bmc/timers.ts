/** Time as a BMC needs it: given from outside, so that tests can let it pass. */
export interface Timers {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs `action` once after `delayMs`, less than 24 days; the result cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
}
