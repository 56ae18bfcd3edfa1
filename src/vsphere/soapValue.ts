/** Values as `soap` hands them over, brought into plain form. */

/** The vim25 type of a value with an xsi:type, without prefix; servers choose the attribute's prefix freely. */
export function typeOf(value: unknown): string | undefined {
  const { attributes } = (value ?? {}) as { attributes?: Record<string, unknown> };
  const entry = Object.entries(attributes ?? {}).find(([key]) => key.endsWith(":type"));
  return typeof entry?.[1] === "string" ? entry[1].replace(/^.*:/, "") : undefined;
}

/** A scalar as text; an element without text is the empty string, no element undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return String(value);
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
  return text === undefined || text === "" || Number.isNaN(number) ? undefined : number;
}

/** The elements of an `ArrayOf…` value, or of an element that may occur many times. */
export function listOf(value: unknown, elementName?: string): readonly unknown[] {
  const elements = elementName === undefined ? value : fieldOf(value, elementName);
  if (elements === undefined || elements === null) {
    return [];
  }
  return Array.isArray(elements) ? (elements as unknown[]) : [elements];
}

/** A field of a structure; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
