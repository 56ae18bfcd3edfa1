/** What a benchmark measures: parts, each of which gives rows. */

/** What a row should be: at most, or at least, so much. */
export interface Goal {
  readonly bound: "atMost" | "atLeast";
  readonly value: number;
}

export interface Row {
  readonly what: string;
  readonly value: number;
  /** `ms`, `/s`, `MB` …; empty for a ratio or a count. */
  readonly unit: string;
  readonly goal?: Goal;
  /** The same of something that does nothing but what cannot be left out, measured in the same run. */
  readonly floor?: number;
  /** What the floor is, or how the value was taken. */
  readonly note?: string;
}

export interface Part {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  readonly run: () => Promise<readonly Row[]>;
}

export const atMost = (value: number): Goal => ({ bound: "atMost", value });
export const atLeast = (value: number): Goal => ({ bound: "atLeast", value });

/** undefined for a row without a goal. */
export function isMet({ value, goal }: Row): boolean | undefined {
  return goal && (goal.bound === "atMost" ? value <= goal.value : value >= goal.value);
}
