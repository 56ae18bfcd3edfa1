/** What this host knows of the address that a BMC listens on. */
import { networkInterfaces } from "node:os";
import type { LanFacts } from "../bmc/lanFacts.js";

/** A wildcard BMC is reached by any address: the first that is not loopback stands for all. */
export function lanFactsOf(address: string, port: number): LanFacts {
  const candidates = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === "IPv4");
  const isWildcard = address === "::" || address === "0.0.0.0";
  const chosen = isWildcard
    ? (candidates.find(({ internal }) => !internal) ?? candidates[0])
    : candidates.find((candidate) => candidate.address === address);
  return { port, ...(chosen && { ipv4: { address: chosen.address, netmask: chosen.netmask } }) };
}
