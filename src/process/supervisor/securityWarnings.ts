/** Warnings of settings that give away more than they should. */
import { readAddress } from "../../io/address/spelling.js";
import type { Config } from "../../settings/config/config.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";

/** Cipher suites without encryption (IPMI 2.0 table 22-20). */
const unencryptedSuites: readonly number[] = [0, 1, 2, 6, 7, 11, 15, 16];

/** Settings that give more access than their author may expect, one line each. */
export function configWarnings({ ipmi, serverAuth }: Config): string[] {
  const unencrypted = ipmi.cipherSuites.filter((suite) => unencryptedSuites.includes(suite));
  return [
    ipmi.cipherSuites.includes(0) ? "cipher suite 0 is enabled: it allows logins without a password" : undefined,
    unencrypted.length > 0 ? `cipher suites without encryption are enabled: ${unencrypted.join(", ")}` : undefined,
    ipmi.ipmi15Auth.includes("none") ? "ipmi15_auth = none allows logins without a password" : undefined,
    ipmi.ipmi15Auth.includes("password") ? "ipmi15_auth = password sends passwords in clear text" : undefined,
    serverAuth === "none" ? "server_auth = none allows every user of this host to command the daemon" : undefined,
  ].filter((line) => line !== undefined);
}

/** The account that attackers try first, on an address that others can reach. */
export function hasDefaultAccount({ username, password, address }: StoredBmc): boolean {
  return username === "admin" && password === "password" && !isLoopback(address);
}

function isLoopback(address: string): boolean {
  const read = readAddress(address);
  if (read?.kind === "name") {
    return read.name === "localhost";
  }
  return read?.address === "::1" || read?.address.startsWith("127.") === true;
}
