/** Parses lists of BMCs to add: JSON, CSV with a header, or one name per line. */
import { parse } from "csv-parse/sync";

import { errorCode } from "../base/errors.js";
import type { ImportedBmc } from "../control/messages.js";
import { importedFields, typeOfField } from "../control/requests/import.js";
import { pythonInteger } from "../settings/ini/pythonInteger.js";
import { CliError } from "./context.js";

/** One entry; missing values come from the command line. */
export type ListedBmc = Partial<ImportedBmc> & Pick<ImportedBmc, "vm_name">;

type Fields = Readonly<Record<string, unknown>>;

/** Aliases of fields: the columns of `vbmc list` and `vbmc discover`. */
const aliases: Readonly<Record<string, string>> = { instance_uuid: "vm_uuid", fake_mac: "fakemac" };
/** Other columns of those commands, which are ignored. */
const ignored: ReadonlySet<string> = new Set(["power", "tools", "status", "vcenter", "reason"]);
const fieldsOf = (type: string): ReadonlySet<string> =>
  new Set(importedFields.filter((field) => typeOfField(field) === type));
const texts = fieldsOf("string");
const booleans = fieldsOf("boolean");
const numbers = fieldsOf("number");

/** `source` names the file in error texts; `hasPassword`: there is a default password. Throws CliError. */
export function parseBmcList(text: string, source: string, hasPassword: boolean): ListedBmc[] {
  const trimmed = text.replace(/^\ufeff/, "").trim();
  const entries = /^[[{]/.test(trimmed) ? parseJson(trimmed, source) : parseLines(trimmed, source);
  if (entries.length === 0) {
    throw new CliError(`${source} names no BMC`);
  }
  return entries.map((fields, index) => toListedBmc(fields, `${source}, entry ${index + 1}`, hasPassword));
}

function parseJson(text: string, source: string): readonly Fields[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the file, which may hold passwords.
    throw new CliError(`${source} starts like JSON but is not valid JSON`);
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry, index) => {
    if (typeof entry === "string") {
      return { vm_name: entry };
    }
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
      throw new CliError(`${source}, entry ${index + 1}: expected an object with vm_name`);
    }
    return entry as Fields;
  });
}

/** CSV if the first line is a header with the name column, else names. */
function parseLines(text: string, source: string): readonly Fields[] {
  const [header = ""] = text.split(/\r?\n/, 1);
  const columns = header.split(",").map((column) => canonical(column.trim().replace(/^"(.*)"$/, "$1")));
  if (!columns.includes("vm_name") && !columns.includes("name")) {
    return text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "" && !line.startsWith("#"))
      .map((line) => ({ vm_name: line.trim() }));
  }
  try {
    return parse(text, { columns: true, skip_empty_lines: true, cast: (cell) => (cell === "" ? null : cell) });
  } catch (error) {
    const code = errorCode(error) ?? "";
    const line = error instanceof Error && "lines" in error ? ` in line ${String(error.lines)}` : "";
    throw new CliError(`${source} is not valid CSV${line} (${code})`);
  }
}

function canonical(name: string): string {
  const plain = name.toLowerCase().replace(/[ -]/g, "_");
  return aliases[plain] ?? plain;
}

function toListedBmc(fields: Fields, where: string, hasPassword: boolean): ListedBmc {
  const entries = Object.entries(fields)
    .map(([name, value]) => [canonical(name), value] as const)
    .filter(([name]) => !ignored.has(name));
  // From an export without passwords: the default password would be a surprise.
  if (!hasPassword && entries.some(([name, value]) => name === "password" && isMissing(name, value))) {
    throw new CliError(`${where}: the password is missing: export with --with-passwords, or give --password for all`);
  }
  const bmc = Object.fromEntries(
    entries
      .filter(([name, value]) => !isMissing(name, value))
      .map(([name, value]) => [name, toValue(name, value, where)]),
  );
  // The BMC and its VM have the same name.
  const vmName = bmc["vm_name"] ?? bmc["name"];
  if (typeof vmName !== "string") {
    throw new CliError(`${where}: vm_name is missing`);
  }
  return { ...bmc, vm_name: vmName };
}

/** In JSON, an empty password counts as a password. */
function isMissing(name: string, value: unknown): boolean {
  return value === null || value === undefined || (value === "" && name !== "password");
}

function toValue(name: string, value: unknown, where: string): string | number | boolean | OtherValues {
  if (name === "other") {
    return toOtherValues(value, where);
  }
  const number = numbers.has(name) ? pythonInteger(String(value)) : undefined;
  if (number !== undefined) {
    return number;
  }
  if (booleans.has(name) && /^(true|false)$/i.test(String(value))) {
    return String(value).toLowerCase() === "true";
  }
  if (texts.has(name) && (typeof value === "string" || typeof value === "number")) {
    return String(value);
  }
  if (numbers.has(name)) {
    throw new CliError(`${where}: ${name} must be a number`);
  }
  throw new CliError(
    booleans.has(name)
      ? `${where}: ${name} must be true or false`
      : texts.has(name)
        ? `${where}: ${name} must be text`
        : `${where}: ${name} is not known; known are vm_name, port, ${[...texts, ...numbers]
            .filter((field) => field !== "vm_name" && field !== "name" && field !== "port")
            .concat("name")
            .join(", ")}`,
  );
}

type OtherValues = Readonly<Record<string, string>>;

/** Other keys as `vbmc export` prints them: an object, in CSV as JSON. */
function toOtherValues(value: unknown, where: string): OtherValues {
  const fault = new CliError(`${where}: other must be an object of keys and texts`);
  let values: unknown = value;
  try {
    values = typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    throw fault;
  }
  if (typeof values !== "object" || values === null || Object.values(values).some((text) => typeof text !== "string")) {
    throw fault;
  }
  return values as OtherValues;
}
