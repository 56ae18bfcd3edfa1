import { isIPv6 } from "node:net";

import { readAddress } from "../../io/address/spelling.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { HostNames } from "./hostNames.js";

/** How long an answer may wait for the addresses of host names, ms: a conflict that is missed is told at the start. */
const namesBoundMs = 1000;

/** Which BMC has which address and port, as the files said at one moment; what is given away since is noted. */
export class Addresses {
  /** Port to canonical address to name and address as it was given. */
  readonly #ports = new Map<number, Map<string, Owner>>();

  private constructor(private readonly resolved: ReadonlyMap<string, string>) {}

  /**
   * @param wanted addresses that are asked for, with a port if that is known
   * @param except a BMC whose own address does not count
   */
  static async read(
    store: BmcStore,
    hostNames: HostNames,
    wanted: readonly WantedAddress[],
    except?: string,
  ): Promise<Addresses> {
    const bmcs = [...store.list()]
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .flatMap(([name, entry]) => ("bmc" in entry && name !== except ? [entry.bmc] : []));
    const ports = new Set(wanted.map(({ port }) => port));
    const rivals = bmcs.filter(({ port }) => ports.has(port) || ports.has(undefined));
    const texts = [...wanted, ...rivals].map(({ address }) => address);
    const addresses = new Addresses(await hostNames.resolve(texts, namesBoundMs));
    for (const { address, port, name } of bmcs) {
      addresses.give(address, port, name);
    }
    return addresses;
  }

  /** What to tell of a BMC that is in the way of this address and port; undefined when none is. */
  conflict(address: string, port: number): string | undefined {
    const wanted = this.#canonical(address);
    const onPort = this.#ports.get(port) ?? new Map<string, Owner>();
    const owner = onPort.get(wanted);
    if (owner !== undefined) {
      const other = owner.address === address ? "" : `, as ${owner.address}`;
      return `Address ${address} port ${port} is already configured for ${owner.name}${other}`;
    }
    const [other] = [...onPort].filter(([taken]) => overlap(taken, wanted));
    if (other === undefined) {
      return undefined;
    }
    const [, { name, address: theirs }] = other;
    return `Address ${address} port ${port} and address ${theirs} of ${name} cannot be had at the same time: choose another port`;
  }

  give(address: string, port: number, name: string): void {
    const onPort = this.#ports.get(port) ?? new Map<string, Owner>();
    this.#ports.set(port, onPort.set(this.#canonical(address), { name, address }));
  }

  /** The first port from `port` on that no BMC is in the way of; undefined when there is none. */
  freePort(address: string, port: number): number | undefined {
    for (let candidate = port; candidate <= 65535; candidate++) {
      if (this.conflict(address, candidate) === undefined) {
        return candidate;
      }
    }
    return undefined;
  }

  /** One text for each address, however it is written. */
  #canonical(address: string): string {
    const read = readAddress(address);
    if (read === undefined) {
      return address;
    }
    return read.kind === "ip" ? read.address : (this.resolved.get(read.name) ?? read.name);
  }
}

interface Owner {
  readonly name: string;
  /** As it was given. */
  readonly address: string;
}

export interface WantedAddress {
  readonly address: string;
  readonly port: number | undefined;
}

/** Whether one socket cannot be bound beside the other: `::` takes IPv4 too, `0.0.0.0` does not take IPv6. */
function overlap(a: string, b: string): boolean {
  return a === b || [a, b].includes("::") || ([a, b].includes("0.0.0.0") && !isIPv6(a) && !isIPv6(b));
}
