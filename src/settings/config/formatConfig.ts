/** The effective configuration as text, for `vbmcd --check-config`. */
import { formatIni } from "../ini/iniFile.js";
import type { Config } from "./config.js";
import { type ConfigKey, configKeys } from "./schema.js";

/** A virtualbmc.conf equivalent to `config`. */
export function formatConfig(config: Config): string {
  return Object.entries(configKeys)
    .map(([section, keys]) => {
      const fields = section === "default" ? config : config[section as Exclude<keyof typeof configKeys, "default">];
      return formatSection(section, keys, fields);
    })
    .join("");
}

/** Empty for a section of which no key has a value. */
function formatSection(
  section: string,
  keys: Readonly<Record<string, ConfigKey>>,
  fields: Readonly<Record<string, unknown>>,
): string {
  const values = Object.entries(keys).flatMap(([key, row]): [string, string][] => {
    const value = fields[row.field];
    return value === undefined && row.default === undefined ? [] : [[key, formatValue(row, value)]];
  });
  return values.length === 0 ? "" : formatIni(section, new Map(values));
}

function formatValue({ format }: ConfigKey, value: unknown): string {
  if (value === undefined) {
    return "";
  }
  if (format) {
    return format(value as never);
  }
  return Array.isArray(value) ? value.join(",") : `${value as string | number | boolean}`;
}
