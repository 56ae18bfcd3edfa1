/** Converts values that `soap` has parsed to plain ones. */

/** The vim25 type of a value with an xsi:type, without prefix; servers choose the attribute's prefix freely. */
export function typeOf(value: unknown): string | undefined {
  const { attributes } = (value ?? {}) as { attributes?: Record<string, unknown> };
  const entry = Object.entries(attributes ?? {}).find(([key]) => key.endsWith(":type"));
  return typeof entry?.[1] === "string" ? entry[1].replace(/^.*:/, "") : undefined;
}

/** A private-use character, which no name contains. */
const blanksMark = "\uf8ff";

/** Protects elements of blanks only, which `soap` would drop; `textOf` reverses it. */
export function markBlanks(xml: string): string {
  return / <\//.test(xml) ? xml.replace(/(<([\w:.-]+)(?:\s[^<>]*)?>)( +)(?=<\/\2>)/g, `$1${blanksMark}$3`) : xml;
}

/** A scalar as text; an empty element is the empty string, a missing one undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return String(value).replace(/^\uf8ff(?= +$)/, "");
  }
  if (typeof value === "object" && value !== null) {
    const { $value } = value as { $value?: unknown };
    return $value === undefined
      ? Object.keys(value).every((key) => key === "attributes")
        ? ""
        : undefined
      : textOf($value);
  }
  return undefined;
}

export function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  const number = Number(text);
  return text === undefined || text === "" || !Number.isFinite(number) ? undefined : number;
}

/** The elements of an `ArrayOf…` value, or of an element that may occur many times. */
export function listOf(value: unknown, elementName?: string): readonly unknown[] {
  const elements = elementName === undefined ? value : fieldOf(value, elementName);
  if (elements === undefined || elements === null) {
    return [];
  }
  return Array.isArray(elements) ? (elements as unknown[]) : [elements];
}

/** A field of a structure; undefined if it is missing. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** undefined for anything but an XML Boolean. */
export function booleanOf(value: unknown): boolean | undefined {
  const text = textOf(value);
  return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : undefined;
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
export function withoutUnknown<T extends Record<string, unknown>>(fields: T): Known<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;
}
