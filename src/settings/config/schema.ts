import { isIP } from "node:net";

import * as v from "valibot";

import { pythonInteger } from "../ini/pythonInteger.js";
import type { ListenAddress, Shard } from "./config.js";

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
    v.transform((items) => [...new Set(items)]),
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

/** A key of virtualbmc.conf: what its text may be, what it is when it is not there, and what it means to people. */
export interface ConfigKey {
  readonly schema: v.GenericSchema<string, unknown>;
  /** Text; undefined for a key that is not set without a word from anybody. */
  readonly default: string | undefined;
  /** What there is without a value, for people. */
  readonly without?: string;
  /** Markdown, for docs/configuration.md and vbmc.conf(5). */
  readonly meaning: string;
}

/** Section → key: the keys that virtualbmc.conf knows are those of this table. */
export const configKeys = {
  default: {
    config_dir: {
      schema: text,
      default: "~/.vbmc",
      meaning: "folder of the BMCs, made if it is missing (mode 0700)",
    },
    pid_file: { schema: text, default: "~/.vbmc/master.pid", meaning: "pid of the daemon" },
    server_port: {
      schema: integer(1, 65535),
      default: "50891",
      meaning: "TCP port of the control socket on 127.0.0.1",
    },
    server_auth: {
      schema: oneOf("curve", "none"),
      default: "curve",
      meaning:
        "`curve`: only the owner of `config_dir` may command the daemon, by keys that are made at its first start. `none`: the plain socket of the original, open to every local user; needed by the original's `vbmc` and `vbmcd`",
    },
    server_response_timeout: {
      schema: integer(1, 3_600_000, " ms"),
      default: "5000",
      meaning: "how long `vbmc` waits for an answer, ms",
    },
    server_spawn_wait: {
      schema: integer(1, 3_600_000, " ms"),
      default: "3000",
      meaning: "how long the start of a BMC may take, ms; the daemon grants at least 10 s",
    },
    show_passwords: {
      schema: boolean,
      default: "false",
      meaning: "`vbmc show` prints passwords instead of `***`",
    },
    bmcs_per_process: {
      schema: integer(1, 10_000),
      default: "1",
      meaning:
        "how many BMCs share one process. 1 isolates best and takes about 9 MB each; for hundreds of BMCs take 500, which is about 0.2 MB each",
    },
    shard: {
      schema: shard,
      default: undefined,
      without: "all BMCs",
      meaning:
        "`i/n`: of n daemons on one `config_dir` this is number i, counted from 0; each serves the BMCs whose name falls to it by a stable hash",
    },
  },
  log: {
    logfile: {
      schema: v.string(),
      default: "",
      without: "stderr",
      meaning: "file, made with mode 0600; opened anew on SIGHUP, for logrotate",
    },
    debug: {
      schema: boolean,
      default: "false",
      meaning: "also logs what is only of interest in the search for a fault",
    },
    format: {
      schema: oneOf("auto", "text", "json"),
      default: "auto",
      meaning: "`text` for people, `json` one object a line; `auto` is text on a terminal and JSON otherwise",
    },
  },
  ipmi: {
    session_timeout: {
      schema: integer(1, 86_400, " seconds"),
      default: "60",
      meaning: "seconds without a packet after which a session ends",
    },
    max_sessions: {
      schema: integer(1, 255),
      default: "64",
      meaning:
        "open sessions of one BMC, up to 255; when all are taken, a new login ends the one that is idle for longest",
    },
    cipher_suites: {
      schema: v.pipe(list(cipherSuite), v.nonEmpty("must name at least one cipher suite")),
      default: "3,17",
      meaning: `enabled cipher suites, out of ${knownCipherSuites.join(", ")}. Suite 0 needs no password; those below 3, and 6, 7, 11, 15, 16, do not encrypt`,
    },
    ipmi15_auth: {
      schema: list(ipmi15Type),
      default: "md5",
      meaning:
        "authentication of IPMI 1.5 sessions (`ipmitool -I lan`), out of `md5`, `password`, `none`; empty turns them off",
    },
    bad_password_threshold: {
      schema: integer(0, 255),
      default: "0",
      meaning:
        "bad passwords in a row before a user is disabled; 0 never disables. Whoever can reach the BMC can then lock its users out",
    },
    bad_password_reset_interval: {
      schema: integer(0, 655_350, " seconds"),
      default: "300",
      meaning: "seconds after the last bad password in which they are counted as in a row; 0: until a good one",
    },
    bad_password_lockout_interval: {
      schema: integer(0, 655_350, " seconds"),
      default: "300",
      meaning: "seconds that the user stays disabled; 0: until Set User Access enables it or the BMC is started anew",
    },
  },
  vsphere: {
    next_boot: {
      schema: oneOf("once", "persistent"),
      default: "once",
      meaning:
        "`once`: a boot device that was set for the next boot gives way to the VM's own order afterwards. `persistent`: it stays, as in the original",
    },
  },
  redfish: {
    certificate_file: {
      schema: text,
      default: undefined,
      without: "a self-signed certificate, made once",
      meaning:
        "PEM file of the certificate that the Redfish services show, with those of the authorities between; goes with `key_file`. Read again on SIGHUP",
    },
    key_file: {
      schema: text,
      default: undefined,
      without: "as above",
      meaning: "PEM file of its private key",
    },
    session_timeout: {
      schema: integer(30, 86_400, " seconds"),
      default: "1800",
      meaning:
        "seconds without a request after which a session ends, until a client sets another time in SessionService",
    },
    max_sessions: {
      schema: integer(1, 1_024),
      default: "64",
      meaning: "open sessions of one BMC; when all are taken, a new login ends the one that is idle for longest",
    },
    max_connections: {
      schema: integer(1, 10_000),
      default: "256",
      meaning: "TCP connections of one BMC; one client may have half of them",
    },
  },
  metrics: {
    listen: {
      schema: listenAddress,
      default: undefined,
      without: "no server",
      meaning:
        "address and port where Prometheus may scrape `/metrics`: `127.0.0.1:9290`, `[::1]:9290`. Needs a restart. See [metrics.md](metrics.md); nobody is asked who he is",
    },
  },
} as const satisfies Record<string, Record<string, ConfigKey>>;

export type SectionName = keyof typeof configKeys;
export type KeyName<S extends SectionName> = keyof (typeof configKeys)[S] & string;
/** The value that a key's text stands for. */
export type ValueOf<S extends SectionName, K extends KeyName<S>> = (typeof configKeys)[S][K] extends {
  readonly schema: v.GenericSchema<string, infer T>;
}
  ? T
  : never;
/** What a key is without a word from anybody: the value of its default, or undefined. */
export type DefaultOf<S extends SectionName, K extends KeyName<S>> = (typeof configKeys)[S][K] extends {
  readonly default: string;
}
  ? ValueOf<S, K>
  : ValueOf<S, K> | undefined;
