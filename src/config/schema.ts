import { isIP } from "node:net";
import * as v from "valibot";
import type { ListenAddress, Shard } from "./config.js";

/** Integer text in a range, both ends included; `unit` goes into the message. */
function integer(minimum: number, maximum: number, unit = "") {
  const message = `must be a whole number from ${minimum} to ${maximum}${unit}`;
  return v.pipe(
    v.string(),
    v.regex(/^[+-]?\d+$/, message),
    v.transform(Number),
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

/** Section → key → what its text may be and means. The keys that virtualbmc.conf knows are those of this table. */
export const configSchema = {
  default: {
    show_passwords: boolean,
    config_dir: text,
    pid_file: text,
    server_port: integer(1, 65535),
    server_response_timeout: integer(1, 3_600_000, " ms"),
    server_spawn_wait: integer(1, 3_600_000, " ms"),
    server_auth: oneOf("curve", "none"),
    bmcs_per_process: integer(1, 10_000),
    shard,
  },
  log: {
    logfile: v.string(),
    debug: boolean,
    format: oneOf("auto", "text", "json"),
  },
  ipmi: {
    session_timeout: integer(1, 86_400, " seconds"),
    cipher_suites: v.pipe(list(cipherSuite), v.nonEmpty("must name at least one cipher suite")),
    max_sessions: integer(1, 255),
    ipmi15_auth: list(ipmi15Type),
    bad_password_threshold: integer(0, 255),
    bad_password_reset_interval: integer(0, 655_350, " seconds"),
    bad_password_lockout_interval: integer(0, 655_350, " seconds"),
  },
  vsphere: {
    next_boot: oneOf("once", "persistent"),
  },
  metrics: {
    listen: listenAddress,
  },
} as const satisfies Record<string, Record<string, v.GenericSchema<string, unknown>>>;

export type SectionName = keyof typeof configSchema;
export type KeyName<S extends SectionName> = keyof (typeof configSchema)[S] & string;
/** The value that a key's text stands for. */
export type ValueOf<S extends SectionName, K extends KeyName<S>> =
  (typeof configSchema)[S][K] extends v.GenericSchema<string, infer T> ? T : never;
