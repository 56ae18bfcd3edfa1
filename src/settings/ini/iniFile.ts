/** Text in the dialect of Python's configparser: read and written by the package `ini`. */
import { TextDecoder } from "node:util";

import * as ini from "ini";

import { fromToken, fromTokens, IniError, strip, toPlainIni, toToken } from "./dialect.js";
import { emptyKey, escapeValue, interpolate } from "./interpolation.js";

/** Keys in lower case, in the order of the file; values as text. */
export type IniSection = ReadonlyMap<string, string>;

/** Values of `[DEFAULT]` are part of every section, as in configparser. */
const defaultSection = "DEFAULT";

/**
 * Section name → its keys, read as Python's configparser reads it.
 * @throws IniError with the line, when configparser would refuse it too (but for stray `%`), or for bytes not UTF-8
 */
export function parseIni(bytes: Uint8Array): ReadonlyMap<string, IniSection> {
  const text = decodeUtf8(bytes);
  return parseAgreed(text) ?? parseAny(text);
}

/**
 * What `vbmc` writes, as long as no value holds a character that `ini` or configparser gives a meaning: one section of
 * `key = value` lines. Both read it alike, and thousands of such files are read when a daemon starts.
 */
const agreedText =
  /^\[(?!DEFAULT\])[A-Za-z]\w*\]\n(?:[a-z][a-z0-9_]* =(?: [!$&(-:<-[\]^-~](?:[ !$&(-:<-[\]^-~]*[!$&(-:<-[\]^-~])?)?\n)*\n*$/;
/** `ini` makes other types of these. */
const typedValue = /= (?:true|false|null)\n/;

/** undefined for a text that `ini` and configparser may read differently, or that configparser refuses. */
function parseAgreed(text: string): ReadonlyMap<string, IniSection> | undefined {
  if (!agreedText.test(text) || typedValue.test(text)) {
    return undefined;
  }
  const [[name, options] = ["", {}]] = Object.entries<Record<string, string>>(ini.parse(text));
  const values = new Map(Object.entries(options));
  // configparser refuses a key that appears twice.
  const lines = text.split(" =").length - 1;
  return values.size === lines && !values.has(emptyKey) ? new Map([[name, values]]) : undefined;
}

function parseAny(text: string): ReadonlyMap<string, IniSection> {
  const document = ini.parse(toPlainIni(text)) as Record<string, Record<string, string>>;
  const raw = new Map(Object.entries(document).map(([name, options]) => [fromToken(name), readRaw(options)]));
  const defaults = raw.get(defaultSection) ?? new Map<string, string>();
  raw.delete(defaultSection);
  return new Map([...raw].map(([name, options]) => [name, interpolateAll(new Map([...defaults, ...options]))]));
}

/**
 * The text of one section that configparser and parseIni read back as `values`, ended by a blank line as configparser does.
 * @throws IniError for values that cannot be written: line breaks, a key that would be read differently
 */
export function formatIni(section: string, values: IniSection): string {
  const options = new Map<string, string>();
  for (const [key, value] of values) {
    if (!isPlainKey(key)) {
      throw new IniError(`${key} cannot be a key`);
    }
    const text = escapeValue(value, strip);
    if (text === undefined) {
      throw new IniError(`${key} must not contain line breaks`);
    }
    if (text !== value.replaceAll("%", "%%")) {
      options.set(emptyKey, "");
    }
    options.set(key, text);
  }
  const tokens = Object.fromEntries([...options].map(([key, text]) => [toToken(key), toToken(text)]));
  return `${fromTokens(ini.stringify({ [toToken(section)]: tokens }, { whitespace: true, platform: "linux" }))}\n`;
}

function isPlainKey(key: string): boolean {
  return strip(key) === key && key.toLowerCase() === key && /^[^#;[=:\n\r][^=:\n\r]*$/.test(key);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new IniError("not UTF-8 text");
  }
}

function readRaw(options: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(options).map(([key, value]) => [fromToken(key), fromToken(value)]));
}

function interpolateAll(raw: ReadonlyMap<string, string>): IniSection {
  const values = new Map([...raw].map(([key, text]) => [key, interpolate(text, (other) => raw.get(other))] as const));
  if (values.get(emptyKey) === "") {
    values.delete(emptyKey);
  }
  return values;
}
