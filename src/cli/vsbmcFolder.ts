/** Reads the BMCs of VirtualBMC for vSphere: folders with a `config` file, in ~/.vsbmc (since 0.1) or ~/.vbmc (0.0.x). */
import { readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../base/errors.js";
import { importedFields, typeOfField } from "../control/requests/import.js";
import { fileFault } from "../io/files/errno.js";
import { readRegularFile } from "../io/files/regularFile.js";
import { parseIni } from "../settings/ini/iniFile.js";
import { pythonInteger } from "../settings/ini/pythonInteger.js";
import { flagProblems } from "../settings/store/bmcKeys.js";
import type { ListedBmc } from "./bmcList.js";
import { CliError } from "./context.js";

const sectionName = "VirtualBMC";
/** Maximum size of a BMC's file, bytes. */
const maxConfigBytes = 1024 * 1024;

export interface VsbmcFolder {
  readonly bmcs: readonly ListedBmc[];
  /** BMCs that cannot be imported, one line each with the reason. */
  readonly faults: readonly string[];
  /** Folders that are not BMCs for vSphere, one line each. */
  readonly warnings: readonly string[];
}

/** Reads all BMCs, named after their folders. Throws CliError for a folder that cannot be read or is vbmcd's own. */
export function readVsbmcFolder(folder: string, ownFolder: string): VsbmcFolder {
  if (!isFolder(folder)) {
    throw new CliError(`${folder} is not a folder`);
  }
  if (realPath(folder) === realPath(ownFolder)) {
    throw new CliError(`${folder} is the config_dir of vbmcd, which already serves the BMCs there; see vbmc list`);
  }
  const names = readdirSync(folder).filter((name) => !name.startsWith(".") && isFolder(path.join(folder, name)));
  const readings = names.sort().map((name) => readBmc(folder, name));
  return {
    bmcs: readings.flatMap((reading) => ("bmc" in reading ? [reading.bmc] : [])),
    faults: readings.flatMap((reading) => ("fault" in reading ? [reading.fault] : [])),
    warnings: readings.flatMap(({ warnings = [] }) => warnings),
  };
}

type Reading = ({ readonly bmc: ListedBmc } | { readonly fault: string } | { readonly isNone: true }) & {
  readonly warnings?: readonly string[];
};

function readBmc(folder: string, name: string): Reading {
  const file = path.join(folder, name, "config");
  try {
    const values = parseIni(readRegularFile(file, maxConfigBytes)).get(sectionName);
    if (values === undefined) {
      throw new Error(`section [${sectionName}] is missing`);
    }
    if (values.has("domain_name") && !values.has("vm_name")) {
      return { isNone: true, warnings: [`${file} is skipped: it belongs to OpenStack's virtualbmc`] };
    }
    return { bmc: toListedBmc(name, values), warnings: flagProblems(values).map((text) => `${file}: ${text}`) };
  } catch (error) {
    // Folders such as log/ do not contain a BMC.
    if (isErrno(error, "ENOENT")) {
      return { isNone: true };
    }
    return { fault: `${file} is not imported: ${fileFault(error)}` };
  }
}

/** All values of the file; keys without a value count as absent, except the password. */
function toListedBmc(name: string, values: ReadonlyMap<string, string>): ListedBmc {
  const ofType = (type: string) => importedFields.filter((field) => typeOfField(field) === type);
  const texts = ofType("string").filter(
    (key) => (key !== "name" && (values.get(key) ?? "") !== "") || key === "password",
  );
  const isTrue = (key: string) => (values.get(key) ?? "").toLowerCase() === "true";
  const booleans = ofType("boolean").filter(isTrue);
  const known: readonly string[] = importedFields;
  const others = [...values].filter(([key]) => !known.includes(key) || key === "name" || key === "other");
  const port = pythonInteger(values.get("port") ?? "");
  if (port === undefined) {
    throw new Error(values.has("port") ? "port must be a number" : "port is missing");
  }
  for (const key of ["username", "password"]) {
    if (!values.has(key)) {
      throw new Error(`${key} is missing`);
    }
  }
  const bmc = {
    vm_name: name,
    ...Object.fromEntries(texts.map((key) => [key, values.get(key) ?? ""])),
    port,
    ...Object.fromEntries(booleans.map((key) => [key, true])),
    ...(others.length > 0 && { other: Object.fromEntries(others) }),
  };
  return bmc.vm_name === name ? bmc : { name, ...bmc };
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function realPath(folder: string): string {
  return isFolder(folder) ? realpathSync(folder) : path.resolve(folder);
}
