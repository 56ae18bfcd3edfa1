/**
 * Schemas of stored documents, for both directions: `decode` accepts whatever `encode` produces. Both throw an Error that
 * names the field; an invalid value is rejected before it is written, not when it is read back.
 */
import { reasonOf } from "../errors.js";

export interface Codec<T> {
  /** `document` is parsed JSON. */
  readonly decode: (document: unknown) => T;
  /** Plain JSON data. */
  readonly encode: (value: T) => unknown;
}

/** A value whose JSON form is the value itself. */
function plain<T>(accepts: (value: unknown) => value is T, what: string): Codec<T> {
  const check = (value: unknown): T => {
    if (!accepts(value)) {
      throw new Error(`is not ${what}`);
    }
    return value;
  };
  return { decode: check, encode: check };
}

/** Both limits are included. */
export function integer(minimum: number, maximum: number): Codec<number> {
  return plain(
    (value): value is number => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
    `a number from ${minimum} to ${maximum}`,
  );
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Codec<T> {
  return plain((value): value is T => values.some((each) => each === value), `one of ${values.join(", ")}`);
}

export const boolean: Codec<boolean> = plain((value) => typeof value === "boolean", "true or false");

/** Absent, or a value of `codec`. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    decode: (document) => (document === undefined ? undefined : codec.decode(document)),
    encode: (value) => (value === undefined ? undefined : codec.encode(value)),
  };
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    decode: (document) => (document === null ? null : codec.decode(document)),
    encode: (value) => (value === null ? null : codec.encode(value)),
  };
}

/** Length in UTF-8; rejects text that UTF-8 cannot represent. */
export function text(maxBytes: number): Codec<string> {
  return plain(
    (value): value is string =>
      typeof value === "string" && Buffer.byteLength(value) <= maxBytes && Buffer.from(value).toString() === value,
    `a text of at most ${maxBytes} bytes`,
  );
}

/** A value of `codec` for which `holds` is true; `what` completes the error text: `has no owner`. */
export function satisfying<T>(codec: Codec<T>, holds: (value: T) => boolean, what: string): Codec<T> {
  const check = (value: T): T => {
    if (!holds(value)) {
      throw new Error(what);
    }
    return value;
  };
  return { decode: (document) => check(codec.decode(document)), encode: (value) => codec.encode(check(value)) };
}

/** Bytes, written as base64. */
export function bytes(maxLength: number): Codec<Buffer> {
  const check = (value: Buffer): Buffer => {
    if (value.length > maxLength) {
      throw new Error(`is longer than ${maxLength} bytes`);
    }
    return value;
  };
  const anyText = text(Infinity);
  return {
    decode: (document) => check(Buffer.from(anyText.decode(document), "base64")),
    encode: (value) => check(value).toString("base64"),
  };
}

export function list<T>(item: Codec<T>, maxLength: number): Codec<readonly T[]> {
  const check = (items: unknown): readonly unknown[] => {
    if (!Array.isArray(items) || items.length > maxLength) {
      throw new Error(`is not a list of at most ${maxLength}`);
    }
    return items;
  };
  return {
    decode: (document) => check(document).map((each, index) => within(String(index), () => item.decode(each))),
    encode: (items) =>
      (check(items) as readonly T[]).map((each, index) => within(String(index), () => item.encode(each))),
  };
}

/** A map from integers to values; in JSON the integers are field names. */
export function byNumber<T>(key: Codec<number>, value: Codec<T>): Codec<ReadonlyMap<number, T>> {
  return {
    decode: (document) =>
      new Map(
        Object.entries<unknown>(asObject(document)).map(([name, each]) => [
          within(name, () => key.decode(Number(name))),
          within(name, () => value.decode(each)),
        ]),
      ),
    encode: (map): unknown =>
      Object.fromEntries(
        [...map].map(([number, each]) => [
          within(String(number), () => key.encode(number)),
          within(String(number), () => value.encode(each)),
        ]),
      ),
  };
}

/** An object with these fields; ignores fields that a newer version may have added. */
export function fields<T extends object>(codecs: {
  readonly [K in keyof T]-?: Codec<T[K]> | (undefined extends T[K] ? Codec<T[K] | undefined> : never);
}): Codec<T> {
  const entries = Object.entries(codecs) as (readonly [string, Codec<unknown>])[];
  const convert = (value: object, way: "decode" | "encode"): object => {
    const source = value as Readonly<Record<string, unknown>>;
    const converted = entries.map(([name, codec]) => [name, within(name, () => codec[way](source[name]))] as const);
    return Object.fromEntries(converted.filter(([, each]) => each !== undefined));
  };
  return {
    decode: (document) => convert(asObject(document), "decode") as T,
    encode: (value) => convert(value, "encode"),
  };
}

function asObject(document: unknown): Readonly<Record<string, unknown>> {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Error("is not an object");
  }
  return document as Readonly<Record<string, unknown>>;
}

/** Prefixes errors with the field's name: `settings.use is not …`. */
function within<T>(name: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    const reason = reasonOf(error);
    throw new Error(/^(is|has) /.test(reason) ? `${name} ${reason}` : `${name}.${reason}`);
  }
}
