/** The keys of a BMC's file: one table row each, from which validation, requests, file and documentation derive. */
import * as v from "valibot";

import { readAddress } from "../../io/address/spelling.js";
import { pythonInteger } from "../ini/pythonInteger.js";
import { consoleSetting } from "./consoleSetting.js";

/** One key. */
export interface BmcKey {
  /** Name in a StoredBmc. */
  readonly field: string;
  /** From the text in the file to the value; its messages follow the key's name. */
  readonly schema: v.GenericSchema<string, unknown>;
  /** How requests of the control socket carry it. */
  readonly type: "text" | "integer" | "boolean";
  /**
   * In an add request: always there, null when not given (as the original sends it), or sent only when given, since the
   * original's daemon does not know it. A required key must be in the file as well, unless it has a default.
   */
  readonly presence: "required" | "nullable" | "optional";
  readonly isSecret?: true;
  /** Markdown, for docs/configuration.md and vbmc.conf(5). */
  readonly meaning: string;
}

const text = v.string();
const maxUserName = 16;
const maxPassword = 20;

function maxBytes(maximum: number) {
  return v.maxBytes<string, number, string>(maximum, `must not be longer than ${maximum} bytes`);
}

const portMessage = "must be a number from 1 to 65535";
const port = v.pipe(
  v.string(),
  v.transform(pythonInteger),
  v.number(portMessage),
  v.minValue(1, portMessage),
  v.maxValue(65535, portMessage),
);

/** `true` in any case is true, anything else is false. */
const flag = v.pipe(
  v.string(),
  v.transform((value) => value.toLowerCase() === "true"),
);

const hexDigits = (value: string) => value.replace(/^0x/i, "").replaceAll(":", "").toLowerCase();

/** Kg is 20 bytes: hex digits, or text padded with zeros, like ipmitool. */
function kgHex(value: string): string {
  const digits = hexDigits(value);
  return /^[0-9a-f]{40}$/.test(digits) ? digits : Buffer.from(value, "utf8").toString("hex").padEnd(40, "0");
}

/** The original's keys, in its order; additional ones follow, only when set. */
export const bmcKeys = {
  vm_name: {
    field: "vmName",
    schema: text,
    type: "text",
    presence: "required",
    meaning: "name of the VM in vCenter; defaults to the folder's name",
  },
  vm_uuid: {
    field: "vmUuid",
    schema: v.pipe(
      v.string(),
      v.toLowerCase(),
      v.regex(
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        "must be a UUID such as 4231fd4e-8a3c-2d5f-1b6e-7c9d0a1b2c3d",
      ),
    ),
    type: "text",
    presence: "nullable",
    meaning: "instance UUID of the VM; it is found by this instead of its name",
  },
  username: {
    field: "username",
    schema: v.pipe(v.string(), v.nonEmpty("must not be empty"), maxBytes(maxUserName)),
    type: "text",
    presence: "required",
    meaning: "name of the IPMI user, up to 16 bytes (required)",
  },
  password: {
    field: "password",
    schema: v.pipe(v.string(), maxBytes(maxPassword)),
    type: "text",
    presence: "required",
    isSecret: true,
    meaning: "password of the IPMI user, up to 20 bytes (required)",
  },
  port: {
    field: "port",
    schema: port,
    type: "integer",
    presence: "required",
    meaning: "UDP port, 1 to 65535 (required)",
  },
  address: {
    field: "address",
    schema: v.pipe(
      v.string(),
      v.check((value) => readAddress(value) !== undefined, "must be an IPv4 or IPv6 address or a host name"),
    ),
    type: "text",
    presence: "required",
    meaning:
      "IPv4 or IPv6 address to listen on, or a host name, which is resolved at each start; `::`, the default, means all IPv4 and IPv6 addresses",
  },
  fakemac: {
    field: "fakemac",
    schema: v.pipe(
      v.string(),
      v.transform((value) => value.replaceAll("-", ":")),
      v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, "must be a MAC address such as 02:00:00:12:34:56"),
    ),
    type: "text",
    presence: "nullable",
    meaning: "MAC address that the BMC reports; derived from the name by default",
  },
  viserver: {
    field: "viserver",
    schema: text,
    type: "text",
    presence: "nullable",
    meaning: "vCenter or ESXi host: `host`, `host:port`, `[v6]:port`",
  },
  viserver_username: {
    field: "viserverUsername",
    schema: text,
    type: "text",
    presence: "nullable",
    meaning: "user name at the viserver; requires a password",
  },
  viserver_password: {
    field: "viserverPassword",
    schema: text,
    type: "text",
    presence: "nullable",
    isSecret: true,
    meaning: "password at the viserver; with `@/a/file` it is read from that file when needed",
  },
  active: {
    field: "active",
    schema: flag,
    type: "boolean",
    presence: "optional",
    meaning: "`True` (case-insensitive) makes the daemon run this BMC",
  },
  kg: {
    field: "kg",
    schema: v.pipe(
      v.string(),
      v.nonEmpty("must not be empty"),
      v.transform(kgHex),
      v.regex(/^[0-9a-f]{40}$/, "must be up to 20 bytes of text, or 0x and 40 hex digits"),
    ),
    type: "text",
    presence: "optional",
    isSecret: true,
    meaning: "the BMC key Kg: up to 20 bytes of text, or `0x` and 40 hex digits",
  },
  viserver_thumbprint: {
    field: "viserverThumbprint",
    schema: v.pipe(
      v.string(),
      v.transform(hexDigits),
      v.regex(
        /^([0-9a-f]{64}|[0-9a-f]{40})$/,
        "must be a SHA-256 or SHA-1 fingerprint: 64 or 40 hex digits, colons allowed",
      ),
    ),
    type: "text",
    presence: "optional",
    meaning: "required SHA-256 or SHA-1 fingerprint of the server's certificate",
  },
  viserver_cafile: {
    field: "viserverCafile",
    schema: text,
    type: "text",
    presence: "optional",
    meaning: "PEM file of the certificate authority that issued the server's certificate",
  },
  viserver_insecure: {
    field: "viserverInsecure",
    schema: flag,
    type: "boolean",
    presence: "optional",
    meaning: "`true` disables certificate verification",
  },
  redfish_port: {
    field: "redfishPort",
    schema: port,
    type: "integer",
    presence: "optional",
    meaning: "TCP port of the BMC's Redfish service, 1 to 65535; without it the BMC does not serve Redfish",
  },
  console: {
    field: "console",
    schema: consoleSetting,
    type: "text",
    presence: "optional",
    meaning:
      "`off`; `concentrator`, the default where `[console] listen` is set; `tcp://HOST:PORT`: the daemon connects to the VM's serial port at its ESXi host; `tcp-listen://ADDRESS:PORT`: the VM's serial port connects to a port of its own here; `telnet://…` and `telnet-listen://…` are the same with telnet. See [console.md](console.md)",
  },
  sol_port: {
    field: "solPort",
    schema: port,
    type: "integer",
    presence: "optional",
    meaning:
      "UDP port for Serial over LAN that is reported to clients: the outer one if a port mapping is in front of the BMC; default: `port`",
  },
} as const satisfies Record<string, BmcKey>;

export type StoredKey = keyof typeof bmcKeys;

export const keyOrder = Object.keys(bmcKeys) as readonly StoredKey[];

/** The keys with this presence. */
export type KeyOf<Presence extends BmcKey["presence"]> = {
  [K in StoredKey]: (typeof bmcKeys)[K]["presence"] extends Presence ? K : never;
}[StoredKey];

export type BmcKeyValue<K extends StoredKey> = v.InferOutput<(typeof bmcKeys)[K]["schema"]>;

/** The keys of a file as fields. */
type FieldsOf<K extends StoredKey> = { readonly [Key in K as (typeof bmcKeys)[Key]["field"]]: BmcKeyValue<Key> };

/** One BMC as read from its file. Values of optional keys are never empty. */
export type StoredBmc = FieldsOf<KeyOf<"required"> | "active"> &
  Partial<FieldsOf<Exclude<KeyOf<"nullable" | "optional">, "active">>> & {
    /** Name of the folder, which commands and messages use. */
    readonly name: string;
    /** All keys as in the file, including unknown ones. */
    readonly values: ReadonlyMap<string, string>;
  };

/** What is wrong with the text of a key, e.g. `must not be empty`; undefined when nothing is. */
export function valueProblem(key: StoredKey, value: string): string | undefined {
  const result = v.safeParse(bmcKeys[key].schema, value);
  return result.success ? undefined : result.issues[0].message;
}

/**
 * The flags whose text is neither true nor false, one line each. They are false, as in the original, which may not be
 * what their author meant.
 */
export function flagProblems(values: ReadonlyMap<string, string>): string[] {
  return keyOrder.flatMap((key) => {
    const text = values.get(key) ?? "";
    const isOdd = bmcKeys[key].type === "boolean" && text !== "" && !/^(true|false)$/i.test(text);
    return isOdd ? [`${key} = ${text} counts as False: use True or False`] : [];
  });
}

/** The text in the file for a value of a request; undefined: the key is absent. */
export function fileText(value: string | number | boolean | null | undefined): string | undefined {
  if (value === true) {
    return "True";
  }
  return value === false || value === null || value === undefined ? undefined : String(value);
}
