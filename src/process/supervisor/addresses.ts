/** Which BMC has which address and port: finds conflicts and free ports. */
import { isIPv6 } from "node:net";

import { readAddress } from "../../io/address/spelling.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { HostNames } from "./hostNames.js";

/** How long an answer may wait for the addresses of host names, ms: a missed conflict is reported at the start. */
const namesTimeoutMs = 1000;

/** Which BMC has which address and port, according to the files at one moment; later assignments are added. */
export interface Addresses {
  /** Why a BMC cannot use its address, one line; undefined if it can. */
  readonly conflict: (place: Place) => string | undefined;
  readonly give: (place: Place, name: string) => void;
  /** The first free UDP port from `port` on; undefined if there is none. */
  readonly freePort: (address: string, port: number) => number | undefined;
}

/**
 * @param wanted the requested addresses, with the known ports
 * @param except a BMC whose own address does not count
 */
export async function readAddresses(
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
  const candidates = bmcs.filter((bmc) => isAnyPort || portsOf(bmc).some((port) => ports.has(keyOf(port))));
  const texts = [...wanted, ...candidates].map(({ address }) => address);
  const addresses = createAddresses(await hostNames.resolve(texts, namesTimeoutMs));
  for (const bmc of bmcs) {
    addresses.give(bmc, bmc.name);
  }
  return addresses;
}

function createAddresses(resolved: ReadonlyMap<string, string>): Addresses {
  /** Protocol and port to canonical address to name and address as given. */
  const ports = new Map<string, Map<string, Owner>>();
  const ownersOn = (port: Port) => ports.get(keyOf(port)) ?? new Map<string, Owner>();

  function conflictOn(address: string, port: Port): string | undefined {
    return conflictAmong(ownersOn(port), address, canonical(address, resolved), port);
  }

  return {
    conflict: (place) =>
      portsOf(place)
        .map((port) => conflictOn(place.address, port))
        .find((conflict) => conflict !== undefined),
    give: (place, name) => {
      const { address } = place;
      for (const port of portsOf(place)) {
        ports.set(keyOf(port), ownersOn(port).set(canonical(address, resolved), { name, address }));
      }
    },
    freePort: (address, port) => {
      for (let candidate = port; candidate <= 65535; candidate++) {
        if (conflictOn(address, { protocol: "udp", number: candidate }) === undefined) {
          return candidate;
        }
      }
      return undefined;
    },
  };
}

/**
 * @param owners of the port, by canonical address
 * @param wanted the canonical address
 */
function conflictAmong(
  owners: ReadonlyMap<string, Owner>,
  address: string,
  wanted: string,
  port: Port,
): string | undefined {
  const where = `Address ${address} ${port.protocol === "udp" ? "port" : "Redfish port"} ${port.number}`;
  const owner = owners.get(wanted);
  if (owner !== undefined) {
    const other = owner.address === address ? "" : `, as ${owner.address}`;
    return `${where} is already configured for ${owner.name}${other}`;
  }
  const [other] = [...owners].filter(([taken]) => overlap(taken, wanted));
  if (other === undefined) {
    return undefined;
  }
  const [, { name, address: otherAddress }] = other;
  return `${where} conflicts with address ${otherAddress} of ${name}: choose another port`;
}

/** One canonical text for each address, however it is written. */
function canonical(address: string, resolved: ReadonlyMap<string, string>): string {
  const read = readAddress(address);
  if (read === undefined) {
    return address;
  }
  return read.kind === "ip" ? read.address : (resolved.get(read.name) ?? read.name);
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

/** `port` is undefined if any will do. */
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

/** Whether two sockets conflict: `::` includes IPv4, `0.0.0.0` does not include IPv6. */
function overlap(a: string, b: string): boolean {
  return a === b || [a, b].includes("::") || ([a, b].includes("0.0.0.0") && !isIPv6(a) && !isIPv6(b));
}
