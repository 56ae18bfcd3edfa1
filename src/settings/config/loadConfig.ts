/** Reads virtualbmc.conf into the Config. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";

import * as v from "valibot";

import { reasonOf } from "../../base/errors.js";
import { IniError } from "../ini/dialect.js";
import { type IniSection, parseIni } from "../ini/iniFile.js";
import { type Config, ConfigError } from "./config.js";
import { type Places, vbmcPlaces } from "./places.js";
import { type ConfigKey, configKeys, type SectionName } from "./schema.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the first existing of `$VIRTUALBMC_CONFIG`, `HOME/.vbmc/virtualbmc.conf` and `/etc/virtualbmc/virtualbmc.conf`,
 * or of their counterparts when the programs are called `vsbmc` and `vsbmcd`; without any of them all values are the
 * defaults.
 * @param home undefined if unknown: then no path in the file may begin with `~`
 * @throws ConfigError with one line per bad value
 */
export function loadConfig(env: Environment, home: string | undefined, places: Places = vbmcPlaces): Config {
  const named = env[places.variable];
  const file = findConfigFile(env, home, places);
  const missing =
    named !== undefined && named !== "" && file !== named
      ? [`${places.variable} names ${named}, which does not exist`]
      : [];
  const sections = file === undefined ? new Map<string, IniSection>() : readConfigFile(file);
  return toConfig(file, sections, home, places, missing);
}

/** The first existing file. */
export function findConfigFile(env: Environment, home: string | undefined, places: Places): string | undefined {
  const own = home === undefined ? undefined : path.join(home, places.folder, places.fileName);
  return [env[places.variable], own, places.systemFile].find(isFile);
}

/** A file in a folder without access counts as missing, as in the original. */
function isFile(file: string | undefined): file is string {
  if (file === undefined || file === "") {
    return false;
  }
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function readConfigFile(file: string): ReadonlyMap<string, IniSection> {
  try {
    return parseIni(readFileSync(file));
  } catch (error) {
    if (error instanceof IniError) {
      throw new ConfigError(`${file}: ${error.message}`);
    }
    throw new ConfigError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

function toConfig(
  file: string | undefined,
  sections: ReadonlyMap<string, IniSection>,
  home: string | undefined,
  { folder }: Places,
  earlierWarnings: readonly string[],
): Config {
  const faults: string[] = [];
  const where = file ?? "";
  /** The value of a key, or of its default; an invalid one is noted, and replaced by the default. */
  const read = (section: string, key: string, row: ConfigKey): unknown => {
    const text = sections.get(section)?.get(key);
    const result = text === undefined ? undefined : v.safeParse(row.schema, text);
    if (result?.success === false) {
      faults.push(`${where}: [${section}] ${key} = ${text}: ${result.issues[0].message}`);
    }
    const standard = row.default?.replace("~/.vbmc", `~/${folder}`);
    const value =
      result?.success === true ? result.output : standard === undefined ? undefined : v.parse(row.schema, standard);
    return row.isPath === true && typeof value === "string" ? toPath(section, key, value) : value;
  };
  const toPath = (section: string, key: string, text: string): string => {
    if (!/^~(\/|$)/.test(text)) {
      return path.resolve(text);
    }
    if (home === undefined) {
      faults.push(`[${section}] ${key} = ${text}: ${homelessText}`);
    }
    return path.resolve(text.replace("~", home ?? ""));
  };
  const fieldsOf = (section: SectionName): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries<ConfigKey>(configKeys[section]).map(([key, row]) => [row.field, read(section, key, row)]),
    );

  const sectionNames = Object.keys(configKeys).filter((section) => section !== "default") as SectionName[];
  const config = {
    file,
    ...fieldsOf("default"),
    ...Object.fromEntries(sectionNames.map((section) => [section, fieldsOf(section)])),
    warnings: [...earlierWarnings, ...unknownNames(where, sections)],
  } as unknown as Config;
  faults.push(...halfCertificate(where, "redfish", config), ...halfCertificate(where, "console", config));
  if (faults.length > 0) {
    throw new ConfigError(faults.join("\n"));
  }
  return config;
}

function halfCertificate(where: string, section: "redfish" | "console", config: Config): string[] {
  const { certificateFile, keyFile } = config[section];
  if ((certificateFile === undefined) === (keyFile === undefined)) {
    return [];
  }
  const [given, missing] = keyFile === undefined ? ["certificate_file", "key_file"] : ["key_file", "certificate_file"];
  return [
    `${where}: [${section}] ${given} = ${certificateFile ?? keyFile ?? ""}: it requires ${missing}: set both, or neither`,
  ];
}

const homelessText =
  "HOME is not set and the user has no entry in passwd: set HOME, or give an absolute path in the file that VIRTUALBMC_CONFIG names";

function unknownNames(file: string, sections: ReadonlyMap<string, IniSection>): string[] {
  return [...sections].flatMap(([section, options]) => {
    if (!Object.hasOwn(configKeys, section)) {
      return [`${file}: section [${section}] is unknown and ignored`];
    }
    const known = configKeys[section as SectionName];
    return [...options.keys()]
      .filter((key) => !Object.hasOwn(known, key))
      .map((key) => `${file}: [${section}] ${key} is unknown and ignored`);
  });
}
