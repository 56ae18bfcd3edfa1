/**
 * The vMotions that are under way: which connection of a VM goes on as which other one. Two connections belong together
 * by sequence and secret alone: several ports of a VM share its UUID.
 */
import { secretLength } from "./vmwareExtension.js";

export interface Migration<C> {
  readonly sequence: Buffer;
  readonly secret: Buffer;
  readonly source: C;
  /** undefined before the destination has connected. */
  readonly destination: C | undefined;
}

export interface Migrations<C> {
  /** A vMotion begins on a connection: the secret for its destination. One that began there before is void. */
  readonly begin: (source: C, sequence: Buffer) => Begun<C>;
  /** A destination connects; undefined where it names none that is under way. */
  readonly join: (destination: C, sequence: Buffer, secret: Buffer) => Migration<C> | undefined;
  /** The destination goes on; undefined where that is not the destination of that vMotion. */
  readonly complete: (destination: C, sequence: Buffer) => Migration<C> | undefined;
  /** The source goes on; undefined where no vMotion began there. */
  readonly abort: (source: C) => Migration<C> | undefined;
  /** Under way from or to a connection. */
  readonly of: (connection: C) => Migration<C> | undefined;
  /** A connection is gone. What is over because of that. */
  readonly forget: (connection: C) => Migration<C> | undefined;
  readonly size: number;
}

export interface Begun<C> {
  readonly secret: Buffer;
  /** What began on that connection before. */
  readonly replaced: Migration<C> | undefined;
}

export interface MigrationsOptions {
  readonly randomBytes: (length: number) => Buffer;
  /** In constant time. */
  readonly isEqual: (a: Buffer, b: Buffer) => boolean;
}

interface Entry<C> extends Migration<C> {
  destination: C | undefined;
  isSourceGone: boolean;
}

export function createMigrations<C>({ randomBytes, isEqual }: MigrationsOptions): Migrations<C> {
  const entries = new Set<Entry<C>>();

  const find = (holds: (entry: Entry<C>) => boolean): Entry<C> | undefined => [...entries].find(holds);
  const remove = (entry: Entry<C> | undefined): Entry<C> | undefined => {
    if (entry) {
      entries.delete(entry);
    }
    return entry;
  };

  const of = (connection: C): Entry<C> | undefined =>
    find(({ source, destination }) => source === connection || destination === connection);

  return {
    begin: (source, sequence) => {
      const replaced = remove(find((entry) => entry.source === source));
      const secret = randomBytes(secretLength);
      entries.add({ sequence: Buffer.from(sequence), secret, source, destination: undefined, isSourceGone: false });
      return { secret, replaced };
    },
    join: (destination, sequence, secret) => {
      const entry = find((each) => each.sequence.equals(sequence) && isEqual(each.secret, secret));
      if (entry === undefined || entry.source === destination || entry.destination !== undefined) {
        return undefined;
      }
      entry.destination = destination;
      return entry;
    },
    complete: (destination, sequence) =>
      remove(find((entry) => entry.destination === destination && entry.sequence.equals(sequence))),
    abort: (source) => remove(find((entry) => entry.source === source)),
    of,
    forget: (connection) => {
      const entry = of(connection);
      if (entry === undefined) {
        return undefined;
      }
      if (entry.destination === connection) {
        entry.destination = undefined;
      } else {
        entry.isSourceGone = true;
      }
      // A source that is still there may get another destination, and a destination may still complete without it.
      return entry.isSourceGone && entry.destination === undefined ? remove(entry) : undefined;
    },
    get size() {
      return entries.size;
    },
  };
}
