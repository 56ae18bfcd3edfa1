/** The hosts from which VMs may connect. */
import { BlockList, isIP, isIPv6, type Socket } from "node:net";

const mappedIpv4 = /^::ffff:(\d+(?:\.\d+){3})$/i;

/** Addresses and networks (`10.0.0.0/8`); undefined for an empty list: any host. Invalid ones are not taken. */
export function createHostList(hosts: readonly string[]): BlockList | undefined {
  if (hosts.length === 0) {
    return undefined;
  }
  const list = new BlockList();
  for (const host of hosts) {
    const [address = "", prefix] = host.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix !== undefined) {
      list.addSubnet(address, Number(prefix), family);
    } else if (isIP(address) !== 0) {
      list.addAddress(address, family);
    }
  }
  return list;
}

export function isListed(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** The other end's; IPv4 addresses as such. */
export function addressOf({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  return mappedIpv4.exec(remoteAddress)?.[1] ?? remoteAddress;
}
