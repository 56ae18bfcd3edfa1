/** The effective configuration of daemon and command line: virtualbmc.conf with every default filled in. */
export interface Config {
  /** The file that was read; undefined when none exists. */
  readonly file: string | undefined;
  /** Folder of the per-VM folders, absolute. */
  readonly configDir: string;
  readonly pidFile: string;
  /** TCP port of the control socket on 127.0.0.1. */
  readonly serverPort: number;
  /** How long `vbmc` waits for the daemon's reply, ms. */
  readonly serverResponseTimeoutMs: number;
  /** How long a background start, or a BMC's start, may take, ms. */
  readonly serverSpawnWaitMs: number;
  /** `none` is the plain socket of the original, open to every local user. */
  readonly serverAuth: "curve" | "none";
  /** `vbmc show` prints passwords. */
  readonly showPasswords: boolean;
  /** How many BMCs one child process serves. */
  readonly bmcsPerProcess: number;
  /** Which part of the BMCs in config_dir this daemon serves; undefined serves all. */
  readonly shard: Shard | undefined;
  readonly log: LogConfig;
  readonly ipmi: IpmiConfig;
  readonly vsphere: VsphereConfig;
  readonly redfish: RedfishConfig;
  /** Where metrics are served; undefined serves none. */
  readonly metricsListen: ListenAddress | undefined;
  /** One line per key or section that was not understood; for the log and for stderr. */
  readonly warnings: readonly string[];
}

/** One of several daemons on one config_dir. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

export interface ListenAddress {
  /** IPv4 or IPv6, no brackets. */
  readonly address: string;
  readonly port: number;
}

export interface LogConfig {
  /** Absolute; undefined logs to stderr. */
  readonly logfile: string | undefined;
  readonly debug: boolean;
  /** `auto`: text on a terminal, JSON lines otherwise. */
  readonly format: "auto" | "text" | "json";
}

export interface IpmiConfig {
  /** Inactivity time-out of a session, seconds (IPMI 2.0 §6.12.15: 60 s). */
  readonly sessionTimeoutSeconds: number;
  /** Cipher suite IDs (IPMI 2.0 table 22-20). */
  readonly cipherSuites: readonly number[];
  /** Open sessions that one BMC keeps. */
  readonly maxSessions: number;
  /** Authentication types of IPMI 1.5 sessions; empty turns them off. */
  readonly ipmi15Auth: readonly ("md5" | "password" | "none")[];
  /** Failed logins before a user is locked out; 0 never locks. */
  readonly badPasswordThreshold: number;
  /** How long the count of failed logins outlasts the last one, seconds; 0: until a good login. */
  readonly badPasswordResetSeconds: number;
  /** How long a user stays locked out, seconds; 0: until Set User Access or a restart. */
  readonly badPasswordLockoutSeconds: number;
}

export interface VsphereConfig {
  /** `persistent`: a boot device set for the next boot stays, as in the original. */
  readonly nextBoot: "once" | "persistent";
}

/** For the BMCs that have a `redfish_port`. */
export interface RedfishConfig {
  /** PEM files, absolute, both or none; undefined: a certificate of the daemon's own making. */
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Inactivity time-out of a session until SessionService is told another one, seconds. */
  readonly sessionTimeoutSeconds: number;
  /** Open sessions of one BMC. */
  readonly maxSessions: number;
  /** TCP connections of one BMC. */
  readonly maxConnections: number;
}

/** What is wrong with virtualbmc.conf, one line per fault, each naming file and key. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
