/** Python's BasicInterpolation: `%%` is `%`, `%(key)s` the value of another key of the section. */

/** As in configparser (MAX_INTERPOLATION_DEPTH). */
const maxDepth = 10;

/**
 * The value with its references filled in.
 * A `%` that configparser rejects, or an unknown reference, is kept literally: people type passwords by hand.
 */
export function interpolate(raw: string, valueOf: (key: string) => string | undefined, depth = 0): string {
  if (depth > maxDepth) {
    return raw;
  }
  return raw.replace(/%%|%\(([^)]+)\)s/g, (found, key: string | undefined) => {
    if (key === undefined) {
      return "%";
    }
    const value = valueOf(key.toLowerCase());
    return value === undefined ? found : interpolate(value, valueOf, depth + 1);
  });
}

/**
 * Key of an empty value, used together with values with blanks at their ends: configparser strips those, but not
 * `%(empty)s x`, which reads ` x` here and there.
 */
export const emptyKey = "empty";

/** The text that reads as `value`; undefined when no text does (line breaks). */
export function escapeValue(value: string, strip: (text: string) => string): string | undefined {
  if (/[\n\r]/.test(value)) {
    return undefined;
  }
  const escaped = value.replaceAll("%", "%%");
  if (strip(escaped) === escaped) {
    return escaped;
  }
  return `%(${emptyKey})s${escaped}%(${emptyKey})s`;
}
