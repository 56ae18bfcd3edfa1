/** The settings of VirtualBMC for vSphere that matter for an import. */
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

/** Settings of 0.1 and later; undefined if there are none. Throws IniError. */
export function readVsbmcSettings(env: Environment, home: string): VsbmcSettings | undefined {
  const file = findConfigFile(env, home, vsbmcPlaces);
  return file === undefined ? undefined : { file, values: parseIni(readFileSync(file)) };
}

/** The configured folder of the BMCs. */
export function configDirOf({ values }: VsbmcSettings): string | undefined {
  const folder = values.get("default")?.get("config_dir");
  return folder === undefined ? undefined : path.resolve(folder);
}

/** Settings that only concern the old daemon. */
const placesOfTheOther: ReadonlySet<string> = new Set(["config_dir", "pid_file"]);

/** One line per setting that differs from ours: an import adds BMCs, but does not change settings. */
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
