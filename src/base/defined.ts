/** Optional fields under `exactOptionalPropertyTypes`: absent is not the same as undefined. */

type OptionalKey<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** `T` with each field that may be undefined optional instead. */
export type Defined<T> = Omit<T, OptionalKey<T>> & { [K in OptionalKey<T>]?: Exclude<T[K], undefined> };

/**
 * A copy of a plain object without the fields that are undefined. `for … in`: four times as fast as entries, and half as
 * fast as a spread with a condition for each field.
 */
export function defined<const T extends object>(fields: T): Defined<T> {
  const copy: Partial<T> = {};
  for (const key in fields) {
    if (fields[key] !== undefined) {
      copy[key] = fields[key];
    }
  }
  return copy as Defined<T>;
}
