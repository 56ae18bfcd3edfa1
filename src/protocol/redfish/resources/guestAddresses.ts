/** DSP0268 "IPAddresses": the guest's addresses in Redfish form. */
import type { GuestAddress, NetworkCard } from "../../../model/machine/inventory.js";
import type { JsonObject } from "../json.js";

type Origin = GuestAddress["origin"];

/** IPv4Addresses, IPv6Addresses and IPv6DefaultGateway; without placeholders for "no address". */
export function addressesOf({ addresses, gateways }: NetworkCard): JsonObject {
  const real = addresses.filter(({ address }) => !["", "0.0.0.0", "::"].includes(address));
  const gateway4 = gateways.find((address) => !isIpv6(address));
  return {
    IPv4Addresses: real
      .filter(({ address }) => !isIpv6(address))
      .map((address, index) => ({ ...ipv4(address), ...(index === 0 && { Gateway: gateway4 }) })),
    IPv6Addresses: real.filter(({ address }) => isIpv6(address)).map(ipv6),
    IPv6DefaultGateway: withoutZone(gateways.find(isIpv6)),
  };
}

function isIpv6(address: string): boolean {
  return address.includes(":");
}

function ipv4({ address, prefixLength, origin }: GuestAddress): JsonObject {
  return {
    Address: address,
    SubnetMask: prefixLength === undefined ? undefined : subnetMask(prefixLength),
    AddressOrigin: ipv4Origin(origin),
  };
}

function ipv4Origin(origin: Origin): string | undefined {
  return { dhcp: "DHCP", manual: "Static", linklayer: "IPv4LinkLocal", other: undefined, random: undefined }[
    origin ?? "other"
  ];
}

function ipv6({ address, prefixLength, origin }: GuestAddress): JsonObject {
  return { Address: withoutZone(address), PrefixLength: prefixLength, AddressOrigin: ipv6Origin(address, origin) };
}

function ipv6Origin(address: string, origin: Origin): string | undefined {
  if (/^fe[89ab]/i.test(address)) {
    return "LinkLocal";
  }
  return { dhcp: "DHCPv6", manual: "Static", linklayer: "SLAAC", random: "SLAAC", other: undefined }[origin ?? "other"];
}

/** `fe80::1%eth0` is an address on an interface. */
function withoutZone(address: string | undefined): string | undefined {
  return address?.replace(/%.*$/, "");
}

/** `255.255.255.0` for 24. */
function subnetMask(prefixLength: number): string {
  const mask = prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join(".");
}
