import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { IniError } from "../ini/dialect.js";
import { type IniSection, parseIni } from "../ini/iniFile.js";
import { type Config, ConfigError } from "./config.js";
import { type KeyName, type SectionName, type ValueOf, configSchema } from "./schema.js";

/**
 * Reads the first existing of `$VIRTUALBMC_CONFIG`, `HOME/.vbmc/virtualbmc.conf` and `/etc/virtualbmc/virtualbmc.conf`;
 * without any of them all values are the defaults.
 * @throws ConfigError with one line per bad value
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, home: string): Config {
  const named = env["VIRTUALBMC_CONFIG"];
  const file = [named, path.join(home, ".vbmc", "virtualbmc.conf"), "/etc/virtualbmc/virtualbmc.conf"].find(isFile);
  const missing =
    named !== undefined && named !== "" && file !== named ? [`VIRTUALBMC_CONFIG names ${named}, which is no file`] : [];
  return toConfig(file, file === undefined ? new Map<string, IniSection>() : readConfigFile(file), home, missing);
}

function isFile(file: string | undefined): file is string {
  return file !== undefined && file !== "" && (statSync(file, { throwIfNoEntry: false })?.isFile() ?? false);
}

function readConfigFile(file: string): ReadonlyMap<string, IniSection> {
  try {
    return parseIni(readFileSync(file));
  } catch (error) {
    if (error instanceof IniError) throw new ConfigError(`${file}: ${error.message}`);
    throw new ConfigError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toConfig(
  file: string | undefined,
  sections: ReadonlyMap<string, IniSection>,
  home: string,
  earlierWarnings: readonly string[],
): Config {
  const faults: string[] = [];
  const where = file ?? "";
  /** The value of a key; undefined when it is not there or bad (which is noted). */
  function readIfThere<S extends SectionName, K extends KeyName<S>>(section: S, key: K): ValueOf<S, K> | undefined {
    const text = sections.get(section)?.get(key);
    if (text === undefined) return undefined;
    const schema = configSchema[section][key] as unknown as v.GenericSchema<string, ValueOf<S, K>>;
    const result = v.safeParse(schema, text);
    if (result.success) return result.output;
    faults.push(`${where}: [${section}] ${key} = ${text}: ${result.issues[0].message}`);
    return undefined;
  }
  function read<S extends SectionName, K extends KeyName<S>>(section: S, key: K, otherwise: ValueOf<S, K>) {
    return readIfThere(section, key) ?? otherwise;
  }
  const toPath = (text: string) => path.resolve(text.replace(/^~(?=\/|$)/, home));

  const logfile = read("log", "logfile", "");
  const config: Config = {
    file,
    configDir: toPath(read("default", "config_dir", "~/.vbmc")),
    pidFile: toPath(read("default", "pid_file", "~/.vbmc/master.pid")),
    serverPort: read("default", "server_port", 50891),
    serverResponseTimeoutMs: read("default", "server_response_timeout", 5000),
    serverSpawnWaitMs: read("default", "server_spawn_wait", 3000),
    serverAuth: read("default", "server_auth", "curve"),
    showPasswords: read("default", "show_passwords", false),
    bmcsPerProcess: read("default", "bmcs_per_process", 1),
    shard: readIfThere("default", "shard"),
    log: {
      logfile: logfile === "" ? undefined : toPath(logfile),
      debug: read("log", "debug", false),
      format: read("log", "format", "auto"),
    },
    ipmi: {
      sessionTimeoutSeconds: read("ipmi", "session_timeout", 60),
      cipherSuites: read("ipmi", "cipher_suites", [3, 17]),
      maxSessions: read("ipmi", "max_sessions", 64),
      ipmi15Auth: read("ipmi", "ipmi15_auth", ["md5"]),
      badPasswordThreshold: read("ipmi", "bad_password_threshold", 0),
      badPasswordResetSeconds: read("ipmi", "bad_password_reset_interval", 300),
      badPasswordLockoutSeconds: read("ipmi", "bad_password_lockout_interval", 300),
    },
    vsphere: { nextBoot: read("vsphere", "next_boot", "once") },
    metricsListen: readIfThere("metrics", "listen"),
    warnings: [...earlierWarnings, ...unknownNames(where, sections)],
  };
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return config;
}

function unknownNames(file: string, sections: ReadonlyMap<string, IniSection>): string[] {
  return [...sections].flatMap(([section, options]) => {
    if (!Object.hasOwn(configSchema, section)) return [`${file}: section [${section}] is not known and is ignored`];
    const known = configSchema[section as SectionName];
    return [...options.keys()]
      .filter((key) => !Object.hasOwn(known, key))
      .map((key) => `${file}: [${section}] ${key} is not known and is ignored`);
  });
}
