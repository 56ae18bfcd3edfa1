/** Checks for what JSON gave back, for the decoders of kept documents; all throw an Error that names the field. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as JsonObject;
}

export function asArray(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error(`${what} is not a list`);
  }
  return value;
}

export function textField(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== "string") {
    throw new Error(`${name} is not a text`);
  }
  return value;
}

/** An integer from `minimum` to `maximum`. */
export function numberField(object: JsonObject, name: string, minimum: number, maximum: number): number {
  const value = object[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new Error(`${name} is not a number from ${minimum} to ${maximum}`);
  }
  return value;
}

export function booleanField(object: JsonObject, name: string): boolean {
  const value = object[name];
  if (typeof value !== "boolean") {
    throw new Error(`${name} is neither true nor false`);
  }
  return value;
}

/** Bytes that were written as base64. */
export function bytesField(object: JsonObject, name: string, maximumLength: number): Buffer {
  const bytes = Buffer.from(textField(object, name), "base64");
  if (bytes.length > maximumLength) {
    throw new Error(`${name} is longer than ${maximumLength} bytes`);
  }
  return bytes;
}
