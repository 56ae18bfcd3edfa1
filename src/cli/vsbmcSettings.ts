/** The settings of VirtualBMC for vSphere, as far as an import has to do with them. */
import { readFileSync } from "node:fs";
import path from "node:path";

import type { Config } from "../settings/config/config.js";
import { formatConfig } from "../settings/config/formatConfig.js";
import { type Environment, findConfigFile } from "../settings/config/loadConfig.js";
import { type Places, vsbmcPlaces } from "../settings/config/places.js";
import { parseIni } from "../settings/ini/iniFile.js";

export interface VsbmcSettings {
  readonly file: string;
  /** Section → key → text. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Those of 0.1 and later; undefined where there are none. Throws IniError. */
export function readVsbmcSettings(env: Environment, home: string): VsbmcSettings | undefined {
  const file = findConfigFile(env, home, vsbmcPlaces);
  return file === undefined ? undefined : { file, values: parseIni(readFileSync(file)) };
}

/** Where they say that the BMCs are. */
export function configDirOf({ values }: VsbmcSettings): string | undefined {
  const folder = values.get("default")?.get("config_dir");
  return folder === undefined ? undefined : path.resolve(folder);
}

/** Of no use to another daemon: they say where the old one was. */
const placesOfTheOther: ReadonlySet<string> = new Set(["config_dir", "pid_file"]);

/** One line for each setting that differs from ours: an import takes BMCs, and changes no settings. */
export function settingsNotTaken(
  { file, values }: VsbmcSettings,
  config: Config,
  places: Places,
  home: string,
): string[] {
  const ours = parseIni(Buffer.from(formatConfig(config)));
  const own = config.file ?? path.join(home, places.folder, places.fileName);
  return [...values].flatMap(([section, keys]) =>
    [...keys]
      .filter(
        ([key, text]) =>
          !placesOfTheOther.has(key) && text.toLowerCase() !== ours.get(section)?.get(key)?.toLowerCase(),
      )
      .map(
        ([key, text]) =>
          `[${section}] ${key} = ${text} of ${file} is not imported: add it to ${own} if ${places.daemon} should use it, and restart the daemon`,
      ),
  );
}
