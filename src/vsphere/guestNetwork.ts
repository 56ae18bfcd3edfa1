/** The guest's network as reported by VMware Tools: addresses of its cards, gateways, name servers. */
import type { GuestAddress, GuestDns, NetworkCard } from "../model/machine/inventory.js";
import { fieldOf, listOf, numberOf, textOf, withoutUnknown } from "./soapValue.js";

/** `net` is guest.net (GuestNicInfo), `stacks` is guest.ipStack (GuestStackInfo). */
export function withGuestNetwork(
  cards: readonly NetworkCard[],
  net: readonly unknown[],
  stacks: readonly unknown[],
): readonly NetworkCard[] {
  return cards.map((card) => {
    // -1 is an interface that exists only in the guest, such as a bridge.
    const at = net.findIndex((nic) => numberOf(fieldOf(nic, "deviceConfigId")) === card.key);
    return at < 0 ? card : { ...card, addresses: addressesOf(net[at]), gateways: gatewaysOf(stacks, at) };
  });
}

const origins = ["dhcp", "linklayer", "manual", "other", "random"] as const;

function addressesOf(nic: unknown): readonly GuestAddress[] {
  const configured = listOf(fieldOf(fieldOf(nic, "ipConfig"), "ipAddress")).flatMap((value) => {
    const address = textOf(fieldOf(value, "ipAddress"));
    const origin = origins.find((candidate) => candidate === textOf(fieldOf(value, "origin")));
    return address === undefined
      ? []
      : [{ address, ...withoutUnknown({ prefixLength: numberOf(fieldOf(value, "prefixLength")), origin }) }];
  });
  // Older Tools report addresses without prefix lengths.
  const bare = listOf(fieldOf(nic, "ipAddress")).flatMap((value) => textOf(value) ?? []);
  return configured.length > 0 ? configured : bare.map((address) => ({ address }));
}

/** NetIpRouteConfigInfoGateway.device is the index of the interface in guest.net. */
function gatewaysOf(stacks: readonly unknown[], index: number): readonly string[] {
  const routes = stacks.flatMap((stack) => listOf(fieldOf(fieldOf(stack, "ipRouteConfig"), "ipRoute")));
  const gateways = routes
    .filter((route) => numberOf(fieldOf(route, "prefixLength")) === 0)
    .map((route) => fieldOf(route, "gateway"))
    .filter((gateway) => textOf(fieldOf(gateway, "device")) === String(index))
    .flatMap((gateway) => textOf(fieldOf(gateway, "ipAddress")) ?? []);
  return [...new Set(gateways)];
}

/** undefined while the guest reports none. */
export function decodeDns(stacks: readonly unknown[]): GuestDns | undefined {
  const config = stacks.map((stack) => fieldOf(stack, "dnsConfig")).find((value) => value !== undefined);
  return config === undefined
    ? undefined
    : {
        ...withoutUnknown({
          hostName: textOf(fieldOf(config, "hostName")) || undefined,
          domainName: textOf(fieldOf(config, "domainName")) || undefined,
        }),
        servers: listOf(fieldOf(config, "ipAddress")).flatMap((value) => textOf(value) ?? []),
      };
}
