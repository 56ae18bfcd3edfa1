import { isIPv6 } from "node:net";

import { readAddress } from "../../io/address/spelling.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { HostNames } from "./hostNames.js";

/** How long an answer may wait for the addresses of host names, ms: a conflict that is missed is told at the start. */
const namesBoundMs = 1000;

/** Which BMC has which address and port, as the files said at one moment; what is given away since is noted. */
export class Addresses {
  /** Protocol and port to canonical address to name and address as it was given. */
  readonly #ports = new Map<string, Map<string, Owner>>();

  private constructor(private readonly resolved: ReadonlyMap<string, string>) {}

  /**
   * @param wanted addresses that are asked for, with the ports that are known
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
    const ports = new Set(wanted.flatMap(portsOf).map(keyOf));
    const isAnyPort = wanted.some(({ port }) => port === undefined);
    const rivals = bmcs.filter((bmc) => isAnyPort || portsOf(bmc).some((port) => ports.has(keyOf(port))));
    const texts = [...wanted, ...rivals].map(({ address }) => address);
    const addresses = new Addresses(await hostNames.resolve(texts, namesBoundMs));
    for (const bmc of bmcs) {
      addresses.give(bmc, bmc.name);
    }
    return addresses;
  }

  /** What to tell of a BMC that is in the way of one that would listen here; undefined when none is. */
  conflict(place: Place): string | undefined {
    return portsOf(place)
      .map((port) => this.#conflictOn(place.address, port))
      .find((conflict) => conflict !== undefined);
  }

  #conflictOn(address: string, port: Port): string | undefined {
    const wanted = this.#canonical(address);
    const onPort = this.#ports.get(keyOf(port)) ?? new Map<string, Owner>();
    const where = `Address ${address} ${port.protocol === "udp" ? "port" : "Redfish port"} ${port.number}`;
    const owner = onPort.get(wanted);
    if (owner !== undefined) {
      const other = owner.address === address ? "" : `, as ${owner.address}`;
      return `${where} is already configured for ${owner.name}${other}`;
    }
    const [other] = [...onPort].filter(([taken]) => overlap(taken, wanted));
    if (other === undefined) {
      return undefined;
    }
    const [, { name, address: theirs }] = other;
    return `${where} and address ${theirs} of ${name} cannot be had at the same time: choose another port`;
  }

  give(place: Place, name: string): void {
    const { address } = place;
    for (const key of portsOf(place).map(keyOf)) {
      const onPort = this.#ports.get(key) ?? new Map<string, Owner>();
      this.#ports.set(key, onPort.set(this.#canonical(address), { name, address }));
    }
  }

  /** The first UDP port from `port` on that no BMC is in the way of; undefined when there is none. */
  freePort(address: string, port: number): number | undefined {
    for (let candidate = port; candidate <= 65535; candidate++) {
      if (this.#conflictOn(address, { protocol: "udp", number: candidate }) === undefined) {
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

/** Where a BMC listens. */
export interface Place {
  readonly address: string;
  /** UDP. */
  readonly port: number;
  /** TCP. */
  readonly redfishPort?: number | undefined;
}

/** `port` is undefined where any will do. */
export type WantedAddress = Omit<Place, "port"> & { readonly port: number | undefined };

interface Port {
  readonly protocol: "udp" | "tcp";
  readonly number: number;
}

function portsOf({ port, redfishPort }: WantedAddress): Port[] {
  return [
    ...(port === undefined ? [] : [{ protocol: "udp", number: port } as const]),
    ...(redfishPort === undefined ? [] : [{ protocol: "tcp", number: redfishPort } as const]),
  ];
}

function keyOf({ protocol, number }: Port): string {
  return `${protocol} ${number}`;
}

/** Whether one socket cannot be bound beside the other: `::` takes IPv4 too, `0.0.0.0` does not take IPv6. */
function overlap(a: string, b: string): boolean {
  return a === b || [a, b].includes("::") || ([a, b].includes("0.0.0.0") && !isIPv6(a) && !isIPv6(b));
}
