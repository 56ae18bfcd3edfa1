/** Warns about BMCs and settings in the places that belong to the programs' other name. */
import { readdirSync } from "node:fs";
import path from "node:path";

import { readRegularFile } from "../../io/files/regularFile.js";
import { parseIni } from "../ini/iniFile.js";
import type { Config } from "./config.js";
import { type Environment, findConfigFile } from "./loadConfig.js";
import { type Places, vbmcPlaces, vsbmcPlaces } from "./places.js";

/** Maximum size of a BMC's file, bytes. */
const maxConfigBytes = 1024 * 1024;

/** One line each, with a remedy; empty if there is nothing there. */
export function otherPlacesWarnings(
  config: Config,
  places: Places,
  env: Environment,
  home: string | undefined,
): string[] {
  const hint = otherBmcsHint(config, places, home);
  return [...settingsWarning(config, places, env, home), ...(hint === undefined ? [] : [hint])];
}

/** Undefined unless config_dir has no BMC and the folder of the other name has some. */
export function otherBmcsHint({ configDir }: Config, places: Places, home: string | undefined): string | undefined {
  if (home === undefined) {
    return undefined;
  }
  const other = otherOf(places);
  const folder = path.join(home, other.folder);
  if (path.resolve(configDir) === folder || bmcsIn(configDir).length > 0) {
    return undefined;
  }
  const count = bmcsIn(folder).length;
  if (count === 0) {
    return undefined;
  }
  const there = `there is no BMC in ${configDir}, and ${count === 1 ? "one" : count} in ${folder}`;
  return places === vbmcPlaces
    ? `${there}: ${other.daemon} can serve them as they are, or import them with: vbmc import --from-vsbmc ${folder}`
    : `${there}: ${other.daemon} can serve them as they are`;
}

function settingsWarning(config: Config, places: Places, env: Environment, home: string | undefined): string[] {
  const other = otherOf(places);
  const file = findConfigFile(env, home, other);
  if (home === undefined || file === undefined || config.file !== undefined) {
    return [];
  }
  const own = path.join(home, places.folder, places.fileName);
  return [
    `${file} is for ${other.client} and ${other.daemon}, and is not read; the settings of ${places.daemon} are in ${own}`,
  ];
}

function otherOf(places: Places): Places {
  return places === vbmcPlaces ? vsbmcPlaces : vbmcPlaces;
}

/** Folders with a BMC for vSphere; those of OpenStack's virtualbmc have a domain_name. */
function bmcsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith("."));
    return names.filter((name) => isBmc(path.join(folder, name, "config")));
  } catch {
    return [];
  }
}

function isBmc(file: string): boolean {
  try {
    const keys = parseIni(readRegularFile(file, maxConfigBytes)).get("VirtualBMC");
    return keys !== undefined && (keys.has("vm_name") || !keys.has("domain_name"));
  } catch {
    return false;
  }
}
