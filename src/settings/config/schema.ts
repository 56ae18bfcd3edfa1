/** The keys of virtualbmc.conf: one table row each. */
import { isIP } from "node:net";
import path from "node:path";

import * as v from "valibot";

import { readAddress } from "../../io/address/spelling.js";
import { pythonInteger } from "../ini/pythonInteger.js";

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

/** Integer text in a range, both ends included; `unit` goes into the message. */
function integer(minimum: number, maximum: number, unit = "") {
  const message = `must be a whole number from ${minimum} to ${maximum}${unit}`;
  return v.pipe(
    v.string(),
    v.transform(pythonInteger),
    v.number(message),
    v.minValue(minimum, message),
    v.maxValue(maximum, message),
  );
}

function oneOf<const T extends readonly string[]>(...choices: T) {
  return v.pipe(v.string(), v.toLowerCase(), v.picklist(choices, `must be ${choices.join(" or ")}`));
}

const boolean = v.pipe(
  oneOf("true", "false"),
  v.transform((text) => text === "true"),
);

const text = v.pipe(v.string(), v.nonEmpty("must not be empty"));

/** Comma-separated, blanks around the items allowed; empty is the empty list. */
function list<T>(item: v.GenericSchema<string, T>) {
  return v.pipe(
    v.string(),
    v.transform((value) => value.split(",").map((part) => part.trim())),
    v.transform((parts) => (parts.length === 1 && parts[0] === "" ? [] : parts)),
    v.array(item),
    v.transform((items): readonly T[] => [...new Set(items)]),
  );
}

/** Cipher suites of IPMI 2.0 table 22-20 that the BMC can serve. */
const knownCipherSuites = ["0", "1", "2", "3", "6", "7", "8", "11", "12", "15", "16", "17"] as const;

const cipherSuite = v.pipe(
  v.picklist(knownCipherSuites, `must be a list of cipher suites out of ${knownCipherSuites.join(", ")}`),
  v.transform(Number),
);

const ipmi15Type = v.picklist(["md5", "password", "none"], "must be a list out of md5, password, none, or empty");

const shardMessage = "must be i/n: this daemon's number, from 0, and how many there are";

const shard = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}\/[1-9]\d{0,3}$/, shardMessage),
  v.transform((text): Shard => {
    const [index = 0, count = 1] = text.split("/").map(Number);
    return { index, count };
  }),
  v.check(({ index, count }) => index < count, shardMessage),
);

const listenMessage = "must be an address and a port, such as 127.0.0.1:9290 or [::1]:9290";

const listenAddress = v.pipe(
  v.string(),
  v.regex(/^(\[[^\]]+\]|[\d.]+):\d{1,5}$/, listenMessage),
  v.transform((text): ListenAddress => {
    const colon = text.lastIndexOf(":");
    return { address: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  }),
  v.check(({ address, port }) => isIP(address) !== 0 && port >= 1 && port <= 65535, listenMessage),
);

function formatListenAddress({ address, port }: ListenAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A port alone is on loopback: what all BMCs can do is not for everybody by mistake. */
const webAddress = v.pipe(
  v.string(),
  v.transform((text) => (/^\d+$/.test(text) ? `127.0.0.1:${text}` : text)),
  listenAddress,
);

const hostMessage = "must be an IP address or a host name";

const hostName = v.pipe(
  v.string(),
  v.check((value) => readAddress(value) !== undefined, hostMessage),
);

const networkMessage = "must be a list of IP addresses and networks, such as 192.0.2.10, 10.20.0.0/16";

/** An address, or a network with the length of its prefix. */
const network = v.pipe(
  v.string(),
  v.check((value) => {
    const [address = "", prefix, ...others] = value.split("/");
    const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return (
      longest > 0 &&
      others.length === 0 &&
      (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))
    );
  }, networkMessage),
);

const urlPrefixMessage = "must be a list of http or https URLs, such as https://images.example.com/iso/";

const urlPrefix = v.pipe(
  v.string(),
  v.check((value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    return (url?.protocol === "http:" || url?.protocol === "https:") && url.username === "" && url.search === "";
  }, urlPrefixMessage),
);

const folder = v.pipe(
  v.string(),
  v.check((value) => path.isAbsolute(value), "must be a list of absolute paths of folders"),
);

/** Empty means no value. */
const optionalText = v.pipe(
  v.string(),
  v.transform((value) => (value === "" ? undefined : value)),
);

/** One key of virtualbmc.conf; the Config, loading, formatting and documentation derive from it. */
export interface ConfigKey {
  /** Name in the Config, with the unit. */
  readonly field: string;
  readonly schema: v.GenericSchema<string, unknown>;
  /** A file or folder: `~` is the home folder, and the Config holds the absolute path. */
  readonly isPath?: true;
  /** Text; undefined: the key is not set by default. */
  readonly default: string | undefined;
  /** What applies without a value, for the documentation. */
  readonly without?: string;
  /** Formats a value as text, if that differs from the value itself. */
  readonly format?: (value: never) => string;
  /** Markdown, for docs/configuration.md and vbmc.conf(5). */
  readonly meaning: string;
}

/** Section → key: the keys that virtualbmc.conf knows are those of this table. */
export const configKeys = {
  default: {
    config_dir: {
      field: "configDir",
      isPath: true,
      schema: text,
      default: "~/.vbmc",
      meaning: "folder of the BMCs, created if missing (mode 0700)",
    },
    pid_file: {
      field: "pidFile",
      isPath: true,
      schema: text,
      default: "~/.vbmc/master.pid",
      meaning: "PID file of the daemon",
    },
    server_port: {
      field: "serverPort",
      schema: integer(1, 65535),
      default: "50891",
      meaning: "TCP port of the control socket on 127.0.0.1",
    },
    server_auth: {
      field: "serverAuth",
      schema: oneOf("curve", "none"),
      default: "curve",
      meaning:
        "`curve`: only the owner of `config_dir` may command the daemon, with keys created at its first start. `none`: the plain socket of the original, open to every local user; required by the original's `vbmc` and `vbmcd`",
    },
    server_response_timeout: {
      field: "serverResponseTimeoutMs",
      schema: integer(1, 3_600_000, " ms"),
      default: "5000",
      meaning: "how long `vbmc` waits for a reply, ms",
    },
    server_spawn_wait: {
      field: "serverSpawnWaitMs",
      schema: integer(1, 3_600_000, " ms"),
      default: "3000",
      meaning: "timeout for the start of a BMC, ms; the daemon allows at least 10 s",
    },
    show_passwords: {
      field: "showPasswords",
      schema: boolean,
      default: "false",
      meaning: "`vbmc show` prints passwords instead of `***`",
    },
    bmcs_per_process: {
      field: "bmcsPerProcess",
      schema: integer(1, 10_000),
      default: "1",
      meaning:
        "how many BMCs share one process. 1 isolates best and takes about 9 MB per BMC; for hundreds of BMCs use 500, about 0.2 MB per BMC",
    },
    shard: {
      field: "shard",
      schema: shard,
      format: ({ index, count }: Shard) => `${index}/${count}`,
      default: undefined,
      without: "all BMCs",
      meaning:
        "`i/n`: this is daemon i (from 0) of n that share one `config_dir`; a stable hash of its name assigns each BMC to one of them",
    },
  },
  log: {
    logfile: {
      field: "logfile",
      isPath: true,
      schema: optionalText,
      default: "",
      without: "stderr",
      meaning: "file, created with mode 0600; reopened on SIGHUP, for logrotate",
    },
    debug: {
      field: "debug",
      schema: boolean,
      default: "false",
      meaning: "enables debug messages",
    },
    format: {
      field: "format",
      schema: oneOf("auto", "text", "json"),
      default: "auto",
      meaning: "`text` for people, `json` one object a line; `auto` is text on a terminal and JSON otherwise",
    },
  },
  ipmi: {
    session_timeout: {
      field: "sessionTimeoutSeconds",
      schema: integer(1, 86_400, " seconds"),
      default: "60",
      meaning: "inactivity timeout of a session, seconds",
    },
    max_sessions: {
      field: "maxSessions",
      schema: integer(1, 255),
      default: "64",
      meaning:
        "open sessions of one BMC, up to 255; when all are in use, a new login closes the one that has been idle longest",
    },
    cipher_suites: {
      field: "cipherSuites",
      schema: v.pipe(list(cipherSuite), v.nonEmpty("must name at least one cipher suite")),
      default: "3,17",
      meaning: `enabled cipher suites, out of ${knownCipherSuites.join(", ")}. Suite 0 needs no password; suites 0 to 2, 6, 7, 11, 15 and 16 do not encrypt`,
    },
    ipmi15_auth: {
      field: "ipmi15Auth",
      schema: list(ipmi15Type),
      default: "md5",
      meaning:
        "authentication of IPMI 1.5 sessions (`ipmitool -I lan`), out of `md5`, `password`, `none`; empty turns them off",
    },
    bad_password_threshold: {
      field: "badPasswordThreshold",
      schema: integer(0, 255),
      default: "0",
      meaning:
        "failed logins in a row before a user is disabled; 0 never disables. Anyone who can reach the BMC can then lock out its users",
    },
    bad_password_reset_interval: {
      field: "badPasswordResetSeconds",
      schema: integer(0, 655_350, " seconds"),
      default: "300",
      meaning: "seconds after the last failed login until the count is reset; 0: reset only by a successful login",
    },
    bad_password_lockout_interval: {
      field: "badPasswordLockoutSeconds",
      schema: integer(0, 655_350, " seconds"),
      default: "300",
      meaning: "how long the user stays disabled, seconds; 0: until Set User Access enables it or the BMC restarts",
    },
  },
  vsphere: {
    next_boot: {
      field: "nextBoot",
      schema: oneOf("once", "persistent"),
      default: "once",
      meaning:
        "`once`: a boot device set for the next boot is used for one boot, then the VM's own boot order is restored. `persistent`: it stays set, as in the original",
    },
  },
  redfish: {
    certificate_file: {
      field: "certificateFile",
      isPath: true,
      schema: text,
      default: undefined,
      without: "a self-signed certificate, created once",
      meaning:
        "PEM file with the certificate of the Redfish services, followed by its intermediate certificates; requires `key_file`. Reread on SIGHUP",
    },
    key_file: {
      field: "keyFile",
      isPath: true,
      schema: text,
      default: undefined,
      without: "as above",
      meaning: "PEM file of its private key",
    },
    session_timeout: {
      field: "sessionTimeoutSeconds",
      schema: integer(30, 86_400, " seconds"),
      default: "1800",
      meaning: "inactivity timeout of a session, seconds; a client can change it in SessionService",
    },
    max_sessions: {
      field: "maxSessions",
      schema: integer(1, 1_024),
      default: "64",
      meaning: "open sessions of one BMC; when all are in use, a new login closes the one that has been idle longest",
    },
    max_connections: {
      field: "maxConnections",
      schema: integer(1, 10_000),
      default: "256",
      meaning: "TCP connections of one BMC; one client may use up to half of them",
    },
    event_loopback: {
      field: "allowsEventLoopback",
      schema: boolean,
      default: "false",
      meaning:
        "allows event destinations on this host itself (127.0.0.0/8, ::1). Link-local addresses are never allowed",
    },
  },
  media: {
    datastore: {
      field: "datastore",
      schema: text,
      default: undefined,
      without: "a datastore of the VM",
      meaning: "datastore for images, which are stored in its folder `vbmc-media`; the VM's host must mount it",
    },
    image_allow: {
      field: "allowedUrls",
      schema: list(urlPrefix),
      format: (urls: readonly string[]) => urls.join(","),
      default: "",
      without: "any http or https URL",
      meaning: "comma-separated URLs: images may be fetched from below these only",
    },
    file_allow: {
      field: "allowedFolders",
      schema: list(folder),
      format: (folders: readonly string[]) => folders.join(","),
      default: "",
      without: "no file",
      meaning:
        "comma-separated folders of this host whose files may be inserted; symbolic links must stay within one of them",
    },
    image_loopback: {
      field: "allowsLoopback",
      schema: boolean,
      default: "false",
      meaning: "allows image servers on this host itself (127.0.0.0/8, ::1). Link-local addresses are never allowed",
    },
    max_image_size: {
      field: "maxImageGib",
      schema: integer(1, 65_536, " GiB"),
      default: "16",
      meaning: "largest image, GiB",
    },
    max_transfer_time: {
      field: "maxTransferMinutes",
      schema: integer(1, 1_440, " minutes"),
      default: "240",
      meaning: "longest transfer of an image, minutes",
    },
    verify_certificate: {
      field: "verifiesCertificates",
      schema: boolean,
      default: "true",
      meaning: "verifies the certificates of image servers, unless a request says otherwise",
    },
  },
  web: {
    listen: {
      field: "listen",
      schema: webAddress,
      format: formatListenAddress,
      default: undefined,
      without: "no page",
      meaning:
        "address and port of the page and of the Redfish service for all BMCs, over HTTPS with the certificate of `[redfish]`: `8443` (127.0.0.1), `192.0.2.7:8443`, `[::]:8443`. Needs a restart. See [web.md](web.md)",
    },
    session_timeout: {
      field: "sessionTimeoutSeconds",
      schema: integer(30, 86_400, " seconds"),
      default: "1800",
      meaning: "inactivity timeout of a login, seconds",
    },
    max_sessions: {
      field: "maxSessions",
      schema: integer(1, 10_000),
      default: "256",
      meaning: "open logins; when all are in use, a new one closes the one that has been idle longest",
    },
    max_connections: {
      field: "maxConnections",
      schema: integer(1, 100_000),
      default: "1024",
      meaning: "TCP connections",
    },
  },
  console: {
    listen: {
      field: "listen",
      schema: listenAddress,
      format: formatListenAddress,
      default: undefined,
      without: "no concentrator",
      meaning:
        "address and port where the serial ports of VMs connect, with TLS or in clear text: `192.0.2.7:13370`. See [console.md](console.md)",
    },
    address: {
      field: "address",
      schema: hostName,
      default: undefined,
      without: "the address of `listen`",
      meaning:
        "IP address or host name by which ESXi hosts reach `listen`; required where that is `0.0.0.0`, `[::]` or behind a port mapping",
    },
    certificate_file: {
      field: "certificateFile",
      isPath: true,
      schema: text,
      default: undefined,
      without: "a self-signed certificate, created once",
      meaning:
        "PEM file with the certificate of the concentrator; requires `key_file`. VMs pin its fingerprint: after a change run `vbmc console NAME --setup` again. Reread on SIGHUP",
    },
    key_file: {
      field: "keyFile",
      isPath: true,
      schema: text,
      default: undefined,
      without: "as above",
      meaning: "PEM file of its private key",
    },
    allowed_hosts: {
      field: "allowedHosts",
      schema: list(network),
      format: (hosts: readonly string[]) => hosts.join(","),
      default: "",
      without: "any host, with the VM's token",
      meaning:
        "comma-separated addresses and networks of ESXi hosts: connections from elsewhere are closed at once, and VMs from there are accepted by their UUID if they have no token",
    },
    ring_size: {
      field: "ringKb",
      schema: integer(64, 256, " KB"),
      default: "128",
      meaning: "how much of its last output is kept of each VM in memory, KB",
    },
    log_dir: {
      field: "logDirectory",
      isPath: true,
      schema: text,
      default: undefined,
      without: "no files",
      meaning:
        "folder (mode 0700) in which the output of each VM is written to `NAME.log` (mode 0600). Consoles may show secrets",
    },
    log_size: {
      field: "logMb",
      schema: integer(1, 10_000, " MB"),
      default: "10",
      meaning: "size at which `NAME.log` becomes `NAME.log.1`, MB",
    },
  },
  metrics: {
    listen: {
      field: "listen",
      schema: listenAddress,
      format: formatListenAddress,
      default: undefined,
      without: "no server",
      meaning:
        "address and port where Prometheus may scrape `/metrics`: `127.0.0.1:9290`, `[::1]:9290`. Needs a restart. See [metrics.md](metrics.md); no authentication",
    },
  },
} as const satisfies Record<string, Record<string, ConfigKey>>;

export type SectionName = keyof typeof configKeys;
export type KeyName<S extends SectionName> = keyof (typeof configKeys)[S] & string;
/** Parses a key's text. */
export type ValueOf<S extends SectionName, K extends KeyName<S>> = (typeof configKeys)[S][K] extends {
  readonly schema: v.GenericSchema<string, infer T>;
}
  ? T
  : never;
/** The value of a key that may be absent: undefined is possible only without a default. */
export type DefaultOf<S extends SectionName, K extends KeyName<S>> = (typeof configKeys)[S][K] extends {
  readonly default: string;
}
  ? ValueOf<S, K>
  : ValueOf<S, K> | undefined;

/** The keys of a section as fields of the Config. */
export type SectionFields<S extends SectionName> = {
  readonly [
    K in KeyName<S> as (typeof configKeys)[S][K] extends { readonly field: infer F extends string } ? F : never
  ]: DefaultOf<S, K>;
};
