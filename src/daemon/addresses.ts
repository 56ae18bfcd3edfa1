import { SocketAddress, isIPv6 } from "node:net";
import type { BmcStore } from "../store/bmcStore.js";

/** Which BMC has which address and port, as the files said at one moment; what is given away since is noted. */
export class Addresses {
  readonly #owners = new Map<string, string>();
  readonly #ports = new Map<number, Set<string>>();

  /** @param except a BMC whose own address does not count */
  constructor(store: BmcStore, except?: string) {
    for (const [name, entry] of [...store.list()].sort(([a], [b]) => (a < b ? 1 : -1))) {
      if ("bmc" in entry && name !== except) this.give(entry.bmc.address, entry.bmc.port, name);
    }
  }

  /** Name of the BMC that has exactly this address and port. */
  ownerOf(address: string, port: number): string | undefined {
    return this.#owners.get(keyOf(address, port));
  }

  give(address: string, port: number, name: string): void {
    this.#owners.set(keyOf(address, port), name);
    const onPort = this.#ports.get(port) ?? new Set();
    this.#ports.set(port, onPort.add(canonical(address)));
  }

  /** The first port from `port` on that no BMC could be in the way of; undefined when there is none. */
  freePort(address: string, port: number): number | undefined {
    for (let candidate = port; candidate <= 65535; candidate++) {
      const onPort = this.#ports.get(candidate);
      if (onPort === undefined || ![...onPort].some((other) => overlap(other, canonical(address)))) return candidate;
    }
    return undefined;
  }
}

/** What to tell of an address and port that another BMC has. */
export function conflictText(address: string, port: number, owner: string): string {
  return `Address ${address} port ${port} is already configured for ${owner}`;
}

function keyOf(address: string, port: number): string {
  return `${canonical(address)} ${port}`;
}

function overlap(a: string, b: string): boolean {
  return a === b || isWildcard(a) || isWildcard(b);
}

function isWildcard(address: string): boolean {
  return address === "::" || address === "0.0.0.0";
}

/** One text for each address, however it is written. */
function canonical(address: string): string {
  try {
    return new SocketAddress({ address, family: isIPv6(address) ? "ipv6" : "ipv4" }).address;
  } catch {
    return address;
  }
}
