/** The last readings of each sensor. */

export interface Point {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly value: number;
}

export type History = Map<string, readonly Point[]>;

/** An hour of readings, one in 5 s. */
const maxPoints = 720;

export function addReading(history: History, id: string, value: number | undefined, at: number): void {
  if (value !== undefined) {
    history.set(id, [...(history.get(id) ?? []), { at, value }].slice(-maxPoints));
  }
}
