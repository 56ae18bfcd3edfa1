/** LAN configuration parameters (IPMI 2.0 §23.1, table 23-4): one row each; what nobody knows is left out. */
import type { Bmc } from "../../../bmc/bmc.js";

export type LanParameter = (bmc: Bmc) => Buffer | undefined;

/** Address source 4: assigned by the host's own means, whatever they are. */
const addressFromHost = 0x04;
const authenticationBit = { none: 0x01, md5: 0x04, password: 0x10 } as const;
/** For each of Callback, User, Operator, Administrator and OEM (parameter 2). */
const privilegeLevels = 5;
const administratorMaximum = 0x04;

const ipv4 = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : Buffer.from(text.split(".").map(Number));

const authenticationTypes = ({ ipmi15Auth }: Bmc): number =>
  ipmi15Auth.reduce((bits, type) => bits | authenticationBit[type], 0);

export const lanParameters: Readonly<Record<number, LanParameter>> = {
  /** Set in progress: nothing here is ever being set. */
  0: () => Buffer.from([0x00]),
  /** Authentication type support. */
  1: (bmc) => Buffer.from([authenticationTypes(bmc)]),
  /** Authentication type enables. */
  2: (bmc) => Buffer.alloc(privilegeLevels, authenticationTypes(bmc)),
  /** IP address. */
  3: (bmc) => ipv4(bmc.lan().ipv4?.address),
  /** IP address source. */
  4: () => Buffer.from([addressFromHost]),
  /** MAC address. */
  5: (bmc) => Buffer.from(bmc.macAddress.replaceAll(":", ""), "hex"),
  /** Subnet mask. */
  6: (bmc) => ipv4(bmc.lan().ipv4?.netmask),
  /** Primary RMCP port number. */
  8: (bmc) => {
    const port = Buffer.alloc(2);
    port.writeUInt16LE(bmc.lan().port);
    return port;
  },
  /** BMC-generated ARP control: the host's kernel answers ARP, the BMC sends none. */
  10: () => Buffer.from([0x00]),
  /** 802.1q VLAN ID: none. */
  20: () => Buffer.from([0x00, 0x00]),
  /** 802.1q VLAN priority. */
  21: () => Buffer.from([0x00]),
  /** Number of cipher suite entries. */
  22: (bmc) => Buffer.from([bmc.cipherSuites.length]),
  /** Cipher suite IDs, after a reserved byte. */
  23: (bmc) => Buffer.from([0x00, ...bmc.cipherSuites]),
  /** Maximum privilege of each entry, after a reserved byte, a nibble each. */
  24: (bmc) => {
    const levels = Buffer.alloc(9);
    bmc.cipherSuites.forEach((_id, index) => {
      const at = 1 + (index >> 1);
      levels[at] = (levels[at] ?? 0) | (administratorMaximum << (4 * (index & 1)));
    });
    return levels;
  },
  /** Bad password threshold; intervals in tens of seconds. */
  26: ({ badPasswords: { policy } }) => {
    const data = Buffer.alloc(6);
    data.writeUInt8(policy.threshold, 1);
    data.writeUInt16LE(tensOfSeconds(policy.countResetSeconds), 2);
    data.writeUInt16LE(tensOfSeconds(policy.lockoutSeconds), 4);
    return data;
  },
};

/** Rounded up: what is not 0 must not look like "no limit". */
function tensOfSeconds(seconds: number): number {
  return Math.ceil(seconds / 10);
}
