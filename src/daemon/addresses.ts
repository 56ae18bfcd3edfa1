import { SocketAddress, isIPv6 } from "node:net";
import type { BmcStore } from "../store/bmcStore.js";

/** Which BMC has which address and port, as the files said at one moment; what is given away since is noted. */
export class Addresses {
  /** Port to canonical address to name. */
  readonly #ports = new Map<number, Map<string, string>>();

  /** @param except a BMC whose own address does not count */
  constructor(store: BmcStore, except?: string) {
    for (const [name, entry] of [...store.list()].sort(([a], [b]) => (a < b ? 1 : -1))) {
      if ("bmc" in entry && name !== except) this.give(entry.bmc.address, entry.bmc.port, name);
    }
  }

  /** What to tell of a BMC that is in the way of this address and port; undefined when none is. */
  conflict(address: string, port: number): string | undefined {
    const wanted = canonical(address);
    const onPort = this.#ports.get(port) ?? new Map<string, string>();
    const owner = onPort.get(wanted);
    if (owner !== undefined) return `Address ${address} port ${port} is already configured for ${owner}`;
    const [other] = [...onPort].filter(([taken]) => overlap(taken, wanted));
    if (other === undefined) return undefined;
    return `Address ${address} port ${port} and address ${other[0]} of ${other[1]} cannot be had at the same time: choose another port`;
  }

  give(address: string, port: number, name: string): void {
    this.#ports.set(port, (this.#ports.get(port) ?? new Map<string, string>()).set(canonical(address), name));
  }

  /** The first port from `port` on that no BMC is in the way of; undefined when there is none. */
  freePort(address: string, port: number): number | undefined {
    for (let candidate = port; candidate <= 65535; candidate++)
      if (this.conflict(address, candidate) === undefined) return candidate;
    return undefined;
  }
}

/** Whether one socket cannot be bound beside the other: `::` takes IPv4 too, `0.0.0.0` does not take IPv6. */
function overlap(a: string, b: string): boolean {
  return a === b || [a, b].includes("::") || ([a, b].includes("0.0.0.0") && !isIPv6(a) && !isIPv6(b));
}

/** One text for each address, however it is written. */
function canonical(address: string): string {
  try {
    return new SocketAddress({ address, family: isIPv6(address) ? "ipv6" : "ipv4" }).address;
  } catch {
    return address;
  }
}
