import * as v from "valibot";

import { readAddress } from "../../io/address/spelling.js";
import type { IniSection } from "../ini/iniFile.js";
import { pythonInteger } from "../ini/pythonInteger.js";
import type { StoredKey } from "./bmcKeys.js";
import { StoreError } from "./storeError.js";

/** The only section of a BMC's file. */
export const sectionName = "VirtualBMC";

/** One BMC as its file says. Values of optional keys are never empty. */
export interface StoredBmc {
  /** Name of the folder: what commands and messages call the BMC. */
  readonly name: string;
  /** Name of the VM in vCenter, usually the same. */
  readonly vmName: string;
  /** Canonical lower-case text. */
  readonly vmUuid?: string;
  readonly username: string;
  readonly password: string;
  readonly port: number;
  /** As it is in the file: an IP address in any spelling, or a host name. */
  readonly address: string;
  readonly fakemac?: string;
  readonly viserver?: string;
  readonly viserverUsername?: string;
  readonly viserverPassword?: string;
  readonly active: boolean;
  /** The BMC key Kg, 40 hex digits. */
  readonly kg?: string;
  /** SHA-256 or SHA-1 fingerprint of the server's certificate, hex. */
  readonly viserverThumbprint?: string;
  readonly viserverCafile?: string;
  readonly viserverInsecure?: boolean;
  /** TCP port of the Redfish service; absent: there is none. */
  readonly redfishPort?: number;
  /** All keys as they are in the file, unknown ones included. */
  readonly values: IniSection;
}

const bytes = (maximum: number) => v.maxBytes(maximum, `must not be longer than ${maximum} bytes`);

const portMessage = "must be a number from 1 to 65535";
const port = v.pipe(
  v.string(),
  v.transform(pythonInteger),
  v.number(portMessage),
  v.minValue(1, portMessage),
  v.maxValue(65535, portMessage),
);

const hexDigits = (text: string) => text.replace(/^0x/i, "").replaceAll(":", "").toLowerCase();

/** Kg is 20 bytes: hex digits, or text filled up with zeros as ipmitool does. */
function kgHex(text: string): string {
  const digits = hexDigits(text);
  return /^[0-9a-f]{40}$/.test(digits) ? digits : Buffer.from(text, "utf8").toString("hex").padEnd(40, "0");
}

const checks = {
  vm_uuid: v.pipe(
    v.string(),
    v.toLowerCase(),
    v.regex(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      "must be a UUID such as 4231fd4e-8a3c-2d5f-1b6e-7c9d0a1b2c3d",
    ),
  ),
  username: v.pipe(v.string(), v.nonEmpty("must not be empty"), bytes(16)),
  password: v.pipe(v.string(), bytes(20)),
  port,
  redfish_port: port,
  address: v.pipe(
    v.string(),
    v.check((text) => readAddress(text) !== undefined, "must be an IPv4 or IPv6 address or a host name"),
  ),
  fakemac: v.pipe(
    v.string(),
    v.transform((text) => text.replaceAll("-", ":")),
    v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, "must be a MAC address such as 02:00:00:12:34:56"),
  ),
  kg: v.pipe(
    v.string(),
    v.transform(kgHex),
    v.regex(/^[0-9a-f]{40}$/, "must be up to 20 bytes of text, or 0x and 40 hex digits"),
  ),
  viserver_thumbprint: v.pipe(
    v.string(),
    v.transform(hexDigits),
    v.regex(/^([0-9a-f]{64}|[0-9a-f]{40})$/, "must be a SHA-256 or SHA-1 fingerprint in hex digits"),
  ),
} as const satisfies Partial<Record<StoredKey, v.GenericSchema<string, unknown>>>;

/**
 * The keys of a file as a BMC.
 * @throws StoreError (broken) naming the first key that is missing or bad
 */
export function toStoredBmc(name: string, values: IniSection): StoredBmc {
  const text = (key: StoredKey) => (values.get(key) === "" && key !== "password" ? undefined : values.get(key));
  const optional = <K extends keyof typeof checks>(key: K): v.InferOutput<(typeof checks)[K]> | undefined => {
    const value = text(key);
    if (value === undefined) {
      return undefined;
    }
    const result = v.safeParse(checks[key], value);
    if (result.success) {
      return result.output;
    }
    throw new StoreError("broken", `${key} ${result.issues[0].message}`);
  };
  const required = <K extends keyof typeof checks>(key: K): v.InferOutput<(typeof checks)[K]> => {
    const value = optional(key);
    if (value === undefined) {
      throw new StoreError("broken", `${key} is missing`);
    }
    return value;
  };
  const viserver = text("viserver");
  const viserverUsername = text("viserver_username");
  const viserverPassword = text("viserver_password");
  if ((viserverUsername === undefined) !== (viserverPassword === undefined)) {
    throw new StoreError("broken", "viserver_username and viserver_password must both be there, or none");
  }
  return {
    name,
    vmName: text("vm_name") ?? name,
    username: required("username"),
    password: required("password"),
    port: required("port"),
    address: optional("address") ?? "::",
    active: (text("active") ?? "").toLowerCase() === "true",
    values,
    ...present("vmUuid", optional("vm_uuid")),
    ...present("fakemac", optional("fakemac")),
    ...present("viserver", viserver),
    ...present("viserverUsername", viserverUsername),
    ...present("viserverPassword", viserverPassword),
    ...present("kg", optional("kg")),
    ...present("viserverThumbprint", optional("viserver_thumbprint")),
    ...present("viserverCafile", text("viserver_cafile")),
    ...present("viserverInsecure", text("viserver_insecure")?.toLowerCase() === "true" ? true : undefined),
    ...present("redfishPort", optional("redfish_port")),
  };
}

function present<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}
