/** The time functions that a BMC uses, injected so that tests can control them. */
export interface Timers {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs `action` once after `delayMs`, less than 24 days; returns the function that cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
}
