import { readFileSync, statSync } from "node:fs";
import path from "node:path";

import * as v from "valibot";

import { reasonOf } from "../../base/errors.js";
import { IniError } from "../ini/dialect.js";
import { type IniSection, parseIni } from "../ini/iniFile.js";
import { type Config, ConfigError } from "./config.js";
import { type Places, vbmcPlaces } from "./places.js";
import { type ConfigKey, configKeys, type DefaultOf, type KeyName, type SectionName } from "./schema.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the first existing of `$VIRTUALBMC_CONFIG`, `HOME/.vbmc/virtualbmc.conf` and `/etc/virtualbmc/virtualbmc.conf`,
 * or of what stands for them when the programs are called `vsbmc` and `vsbmcd`; without any of them all values are the
 * defaults.
 * @param home undefined where nobody knows it: then nothing that is read may begin with `~`
 * @throws ConfigError with one line per bad value
 */
export function loadConfig(env: Environment, home: string | undefined, places: Places = vbmcPlaces): Config {
  const named = env[places.variable];
  const file = findConfigFile(env, home, places);
  const missing =
    named !== undefined && named !== "" && file !== named
      ? [`${places.variable} names ${named}, which is no file`]
      : [];
  const sections = file === undefined ? new Map<string, IniSection>() : readConfigFile(file);
  return toConfig(file, sections, home, places, missing);
}

/** The first that exists. */
export function findConfigFile(env: Environment, home: string | undefined, places: Places): string | undefined {
  const own = home === undefined ? undefined : path.join(home, places.folder, places.fileName);
  return [env[places.variable], own, places.systemFile].find(isFile);
}

/** A file in a folder that is not ours to look into is none, as for the original. */
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
  /** The value of a key, or of its default; a bad one is noted, and the default's. */
  function read<S extends SectionName, K extends KeyName<S>>(section: S, key: K): DefaultOf<S, K> {
    const { schema, default: otherwise } = configKeys[section][key] as ConfigKey;
    const text = sections.get(section)?.get(key);
    const result = text === undefined ? undefined : v.safeParse(schema, text);
    if (result?.success === true) {
      return result.output as DefaultOf<S, K>;
    }
    if (result !== undefined) {
      faults.push(`${where}: [${section}] ${key} = ${text}: ${result.issues[0].message}`);
    }
    const standard = otherwise?.replace("~/.vbmc", `~/${folder}`);
    return (standard === undefined ? undefined : v.parse(schema, standard)) as DefaultOf<S, K>;
  }
  const toPath = (section: SectionName, key: string, text: string): string => {
    if (!/^~(\/|$)/.test(text)) {
      return path.resolve(text);
    }
    if (home === undefined) {
      faults.push(`[${section}] ${key} = ${text}: ${homelessText}`);
    }
    return path.resolve(text.replace("~", home ?? ""));
  };

  const optionalPath = (section: "redfish", key: "certificate_file" | "key_file"): string | undefined => {
    const value = read(section, key);
    return value === undefined ? undefined : toPath(section, key, value);
  };

  const logfile = read("log", "logfile");
  const config: Config = {
    file,
    configDir: toPath("default", "config_dir", read("default", "config_dir")),
    pidFile: toPath("default", "pid_file", read("default", "pid_file")),
    serverPort: read("default", "server_port"),
    serverResponseTimeoutMs: read("default", "server_response_timeout"),
    serverSpawnWaitMs: read("default", "server_spawn_wait"),
    serverAuth: read("default", "server_auth"),
    showPasswords: read("default", "show_passwords"),
    bmcsPerProcess: read("default", "bmcs_per_process"),
    shard: read("default", "shard"),
    log: {
      logfile: logfile === "" ? undefined : toPath("log", "logfile", logfile),
      debug: read("log", "debug"),
      format: read("log", "format"),
    },
    ipmi: {
      sessionTimeoutSeconds: read("ipmi", "session_timeout"),
      cipherSuites: read("ipmi", "cipher_suites"),
      maxSessions: read("ipmi", "max_sessions"),
      ipmi15Auth: read("ipmi", "ipmi15_auth"),
      badPasswordThreshold: read("ipmi", "bad_password_threshold"),
      badPasswordResetSeconds: read("ipmi", "bad_password_reset_interval"),
      badPasswordLockoutSeconds: read("ipmi", "bad_password_lockout_interval"),
    },
    vsphere: { nextBoot: read("vsphere", "next_boot") },
    redfish: {
      certificateFile: optionalPath("redfish", "certificate_file"),
      keyFile: optionalPath("redfish", "key_file"),
      sessionTimeoutSeconds: read("redfish", "session_timeout"),
      maxSessions: read("redfish", "max_sessions"),
      maxConnections: read("redfish", "max_connections"),
    },
    metricsListen: read("metrics", "listen"),
    warnings: [...earlierWarnings, ...unknownNames(where, sections)],
  };
  const { certificateFile, keyFile } = config.redfish;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const [given, missing] =
      keyFile === undefined ? ["certificate_file", "key_file"] : ["key_file", "certificate_file"];
    const value = certificateFile ?? keyFile ?? "";
    faults.push(`${where}: [redfish] ${given} = ${value}: it goes with ${missing}: give both, or none`);
  }
  if (faults.length > 0) {
    throw new ConfigError(faults.join("\n"));
  }
  return config;
}

const homelessText =
  "HOME is not set and the user has no entry in passwd: set HOME, or give an absolute path in the file that VIRTUALBMC_CONFIG names";

function unknownNames(file: string, sections: ReadonlyMap<string, IniSection>): string[] {
  return [...sections].flatMap(([section, options]) => {
    if (!Object.hasOwn(configKeys, section)) {
      return [`${file}: section [${section}] is not known and is ignored`];
    }
    const known = configKeys[section as SectionName];
    return [...options.keys()]
      .filter((key) => !Object.hasOwn(known, key))
      .map((key) => `${file}: [${section}] ${key} is not known and is ignored`);
  });
}
