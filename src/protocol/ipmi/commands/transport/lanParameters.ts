/** LAN configuration parameters (IPMI 2.0 §23.1, table 23-4) as read: one row each. */
import type { Bmc } from "../../../../model/bmc/bmc.js";

/** undefined: there is no such entry in the parameter's table. */
export type LanParameter = (bmc: Bmc, setSelector: number) => Buffer | undefined;

const staticAddress = 0x01;
/** Address source: "BIOS or system software", since the host assigns it. */
const addressFromHost = 0x04;
const authenticationBit = { none: 0x01, md5: 0x04, password: 0x10 } as const;
const addressing = { ipv4: 0x00, ipv6: 0x01, both: 0x02 } as const;
/** For each of Callback, User, Operator, Administrator and OEM (parameter 2). */
const privilegeLevels = 5;
/** IPv4 flags, bits [7:5]: the host sends all datagrams with "don't fragment". */
const dontFragment = 0x40;
/** Precedence and type of service: none. */
const typeOfService = 0x00;

export const cipherSuiteLevelsLength = 9;
/**
 * ipmitool and FreeIPMI both index the nibbles by suite number, not by position in parameter 23: suites 16 and 17 have
 * none, and are available at all levels.
 */
export const hasCipherSuiteLevel = (id: number): boolean => id < 16;
export const cipherSuiteLevelAt = (id: number): number => 1 + (id >> 1);
export const cipherSuiteLevelShift = (id: number): number => 4 * (id & 1);

/** All zeros: there is none, or the host does not know it. */
const ipv4 = (text: string | undefined): Buffer =>
  text === undefined ? Buffer.alloc(4) : Buffer.from(text.split(".").map(Number));

const noIpv6 = Buffer.alloc(16);

/** The one destination that every channel has (§23.2, table 23-4), and which nothing can set here. */
const volatileDestination = 0;
const unset = (setSelector: number, length: number): Buffer | undefined =>
  setSelector === volatileDestination ? Buffer.alloc(length) : undefined;

const mac = (text: string | undefined): Buffer =>
  text === undefined ? Buffer.alloc(6) : Buffer.from(text.replaceAll(":", ""), "hex");

const authenticationTypes = ({ ipmi15Auth }: Bmc): number =>
  ipmi15Auth.reduce((bits, type) => bits | authenticationBit[type], 0);

export const lanParameters: Readonly<Record<number, LanParameter>> = {
  /** Set in progress. */
  0: ({ lanSettings }) => Buffer.from([lanSettings.setInProgress]),
  /** Authentication type support. */
  1: (bmc) => Buffer.from([authenticationTypes(bmc)]),
  /** Authentication type enables. */
  2: (bmc) => Buffer.alloc(privilegeLevels, authenticationTypes(bmc)),
  /** IP address. */
  3: (bmc) => ipv4(bmc.lan().ipv4?.address),
  /** IP address source. */
  4: (bmc) => Buffer.from([bmc.lan().isStatic ? staticAddress : addressFromHost]),
  /** MAC address. */
  5: (bmc) => mac(bmc.macAddress),
  /** Subnet mask. */
  6: (bmc) => ipv4(bmc.lan().ipv4?.netmask),
  /** IPv4 header parameters. */
  7: (bmc) => Buffer.from([bmc.lan().timeToLive, dontFragment, typeOfService]),
  /** Primary RMCP port number. */
  8: (bmc) => {
    const port = Buffer.alloc(2);
    port.writeUInt16LE(bmc.lan().port);
    return port;
  },
  /** Secondary RMCP port number: none. */
  9: () => Buffer.from([0x00, 0x00]),
  /** BMC-generated ARP control: the host's kernel answers ARP, the BMC sends none. */
  10: () => Buffer.from([0x00]),
  /** Gratuitous ARP interval; parameter 10 states that there are none. */
  11: () => Buffer.from([0x00]),
  /** Default gateway address. */
  12: (bmc) => ipv4(bmc.lan().gateway?.address),
  /** Default gateway MAC address. */
  13: (bmc) => mac(bmc.lan().gateway?.mac),
  /** Backup gateway address: a host uses only one default route. */
  14: () => ipv4(undefined),
  /** Backup gateway MAC address. */
  15: () => mac(undefined),
  /** Community string. */
  16: ({ lanSettings }) => lanSettings.communityString(),
  /** Number of alert destinations: 0 means that there is no LAN alerting. */
  17: () => Buffer.from([0x00]),
  /** Destination type: FreeIPMI asks for that of the volatile destination although there are none. */
  18: (_bmc, setSelector) => unset(setSelector, 4),
  /** Destination addresses. */
  19: (_bmc, setSelector) => unset(setSelector, 13),
  /** 802.1q VLAN ID: none. */
  20: () => Buffer.from([0x00, 0x00]),
  /** 802.1q VLAN priority. */
  21: () => Buffer.from([0x00]),
  /** Number of cipher suite entries. */
  22: (bmc) => Buffer.from([bmc.cipherSuites.length]),
  /** Cipher suite IDs, after a reserved byte. */
  23: (bmc) => Buffer.from([0x00, ...bmc.cipherSuites]),
  /** Maximum privilege of cipher suites 0 to 15, after a reserved byte, a nibble each; 0: not in use. */
  24: ({ cipherSuites, lanSettings }) => {
    const levels = Buffer.alloc(cipherSuiteLevelsLength);
    for (const id of cipherSuites.filter(hasCipherSuiteLevel)) {
      const at = cipherSuiteLevelAt(id);
      levels[at] = (levels[at] ?? 0) | (lanSettings.cipherSuiteLimit(id) << cipherSuiteLevelShift(id));
    }
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
  /** IPv6 and IPv4 support: IPv6 alone and both, but no alerts. */
  50: () => Buffer.from([0x03]),
  /** IPv6 and IPv4 addressing enables. */
  51: (bmc) => Buffer.from([addressing[bmc.lan().families]]),
  /** IPv6 status: no addresses are set or assigned by the BMC itself, neither static nor by DHCPv6 or SLAAC. */
  55: () => Buffer.from([0x00, 0x00, 0x00]),
  /** IPv6 router address configuration control: neither static nor dynamic. */
  64: () => Buffer.from([0x00]),
  /** IPv6 static routers 1 and 2, address, MAC address, prefix length and prefix: there are none. */
  65: () => noIpv6,
  66: () => mac(undefined),
  67: () => Buffer.from([0x00]),
  68: () => noIpv6,
  69: () => noIpv6,
  70: () => mac(undefined),
  71: () => Buffer.from([0x00]),
  72: () => noIpv6,
};

/** Rounded up: a non-zero value must not become "no limit". */
function tensOfSeconds(seconds: number): number {
  return Math.ceil(seconds / 10);
}
