/** What this host knows about the address that a BMC listens on. */
import { readFileSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

import { defined } from "../../base/defined.js";
import type { LanFacts } from "../../model/bmc/lan/lanFacts.js";

/** Text of a file under /proc; undefined if there is none. */
export type ReadProc = (file: string) => string | undefined;

const routeFile = "/proc/net/route";
const arpFile = "/proc/net/arp";
const timeToLiveFile = "/proc/sys/net/ipv4/ip_default_ttl";
const defaultTimeToLive = 64;

/** A wildcard BMC can be reached by any address: report the first that is not loopback. */
export function lanFactsOf(
  address: string,
  port: number,
  readProc: ReadProc = readProcFile,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): LanFacts {
  const candidates = Object.entries(interfaces)
    .flatMap(([name, addresses]) => (addresses ?? []).map((entry) => ({ name, ...entry })))
    .filter(({ family }) => family === "IPv4");
  const isWildcard = address === "::" || address === "0.0.0.0";
  const chosen = isWildcard
    ? (candidates.find(({ internal }) => !internal) ?? candidates[0])
    : candidates.find((candidate) => isInSubnet(address, candidate));
  const gateway = chosen && defaultGateway(chosen.name, readProc);
  return defined({
    port,
    families: address === "::" ? "both" : isIPv6(address) ? "ipv6" : "ipv4",
    isStatic: !isWildcard,
    timeToLive: Number.parseInt(readProc(timeToLiveFile) ?? "", 10) || defaultTimeToLive,
    ipv4: chosen && { address: isWildcard ? chosen.address : address, netmask: chosen.netmask },
    gateway,
  });
}

/** A host need not list all of its own addresses: on the loopback interface, it has the whole subnet. */
function isInSubnet(address: string, subnet: { readonly address: string; readonly netmask: string }): boolean {
  const numberOf = (text: string): number => Buffer.from(text.split(".").map(Number)).readUInt32BE();
  const mask = numberOf(subnet.netmask);
  return isIPv4(address) && (numberOf(address) & mask) === (numberOf(subnet.address) & mask);
}

/** Lines of /proc/net/route: Iface Destination Gateway Flags …, addresses in hex, least significant byte first. */
function defaultGateway(interfaceName: string, readProc: ReadProc): LanFacts["gateway"] {
  const viaGateway = 0x2;
  const route = rowsOf(readProc(routeFile)).find(
    ([name, destination, , flags]) =>
      name === interfaceName && destination === "00000000" && (Number.parseInt(flags ?? "", 16) & viaGateway) !== 0,
  );
  if (!route) {
    return undefined;
  }
  const address = Buffer.from(route[2] ?? "", "hex")
    .reverse()
    .join(".");
  const mac = macAddress(address, readProc);
  return defined({ address, mac });
}

/** Lines of /proc/net/arp: IP address, HW type, Flags, HW address, Mask, Device; flags 0x0: not known yet. */
function macAddress(address: string, readProc: ReadProc): string | undefined {
  const row = rowsOf(readProc(arpFile)).find(([ip, , flags]) => ip === address && flags !== "0x0");
  return row?.[3];
}

function rowsOf(text: string | undefined): string[][] {
  return (text ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

function readProcFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
