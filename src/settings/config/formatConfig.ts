import { formatIni } from "../ini/iniFile.js";
import type { Config, ListenAddress } from "./config.js";

function formatListen({ address, port }: ListenAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The effective configuration as a virtualbmc.conf that says the same. */
export function formatConfig(config: Config): string {
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    default: {
      show_passwords: config.showPasswords,
      config_dir: config.configDir,
      pid_file: config.pidFile,
      server_port: config.serverPort,
      server_response_timeout: config.serverResponseTimeoutMs,
      server_spawn_wait: config.serverSpawnWaitMs,
      server_auth: config.serverAuth,
      bmcs_per_process: config.bmcsPerProcess,
      ...(config.shard === undefined ? {} : { shard: `${config.shard.index}/${config.shard.count}` }),
    },
    log: {
      logfile: config.log.logfile ?? "",
      debug: config.log.debug,
      format: config.log.format,
    },
    ipmi: {
      session_timeout: config.ipmi.sessionTimeoutSeconds,
      cipher_suites: config.ipmi.cipherSuites.join(","),
      max_sessions: config.ipmi.maxSessions,
      ipmi15_auth: config.ipmi.ipmi15Auth.join(","),
      bad_password_threshold: config.ipmi.badPasswordThreshold,
      bad_password_reset_interval: config.ipmi.badPasswordResetSeconds,
      bad_password_lockout_interval: config.ipmi.badPasswordLockoutSeconds,
    },
    vsphere: { next_boot: config.vsphere.nextBoot },
    redfish: {
      ...(config.redfish.certificateFile === undefined ? {} : { certificate_file: config.redfish.certificateFile }),
      ...(config.redfish.keyFile === undefined ? {} : { key_file: config.redfish.keyFile }),
      session_timeout: config.redfish.sessionTimeoutSeconds,
      max_sessions: config.redfish.maxSessions,
      max_connections: config.redfish.maxConnections,
    },
    ...(config.metricsListen === undefined ? {} : { metrics: { listen: formatListen(config.metricsListen) } }),
  };
  return Object.entries(sections)
    .map(([section, keys]) =>
      formatIni(section, new Map(Object.entries(keys).map(([key, value]) => [key, String(value)]))),
    )
    .join("");
}
