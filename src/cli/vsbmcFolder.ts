/** The BMCs of VirtualBMC for vSphere: folders with a `config` file, under ~/.vsbmc (0.1 on) or ~/.vbmc (0.0.x). */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { parseIni } from "../ini/iniFile.js";
import { importedFields, typeOfField } from "../control/importMessages.js";
import type { ListedBmc } from "./bmcList.js";
import { CliError } from "./context.js";

const sectionName = "VirtualBMC";

/** The folder where VirtualBMC for vSphere keeps its BMCs; undefined where there is none. */
export function findVsbmcFolder(home: string): string | undefined {
  return [path.join(home, ".vsbmc"), path.join(home, ".vbmc")].find(isFolder);
}

/**
 * Reads all; what is no BMC of it is told to `onWarning` and passed over. They are listed as stopped, since the old
 * daemon may still serve them. Throws CliError for a folder that cannot be read or is vbmcd's own.
 */
export function readVsbmcFolder(folder: string, ownFolder: string, onWarning: (text: string) => void): ListedBmc[] {
  if (!isFolder(folder)) {
    throw new CliError(`${folder} is no folder`);
  }
  if (realPath(folder) === realPath(ownFolder)) {
    throw new CliError(`${folder} is the config_dir of vbmcd: it serves the BMCs there as they are; see vbmc list`);
  }
  const names = readdirSync(folder).filter((name) => !name.startsWith(".") && isFolder(path.join(folder, name)));
  return names.sort().flatMap((name) => readBmc(folder, name, onWarning) ?? []);
}

function readBmc(folder: string, name: string, onWarning: (text: string) => void): ListedBmc | undefined {
  const file = path.join(folder, name, "config");
  try {
    const values = parseIni(readFileSync(file)).get(sectionName);
    if (values === undefined) {
      throw new Error(`section [${sectionName}] is missing`);
    }
    if (values.has("domain_name") && !values.has("vm_name")) {
      throw new Error("it belongs to OpenStack's virtualbmc");
    }
    return toListedBmc(name, values);
  } catch (error) {
    // Folders such as log/ hold no BMC.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
      onWarning(`${file} is passed over: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  }
}

function toListedBmc(name: string, values: ReadonlyMap<string, string>): ListedBmc {
  const texts = importedFields.filter((field) => field !== "vm_name" && typeOfField(field) === "string");
  const given = texts.filter((key) => (values.get(key) ?? "") !== "");
  return {
    vm_name: values.get("vm_name") ?? name,
    ...Object.fromEntries(given.map((key) => [key, values.get(key)])),
    ...(values.has("port") && { port: Number(values.get("port")) }),
  };
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function realPath(folder: string): string {
  return isFolder(folder) ? realpathSync(folder) : path.resolve(folder);
}
