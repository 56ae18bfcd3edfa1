/** The network as VMware Tools report it from the guest: one address by DHCP on the first adapter that is plugged in. */
import { createHash } from "node:crypto";

import { isEthernetCard, macAddress, type VmDevice } from "./devices.js";
import { array, boolean, int, structure, text, type Value } from "./value.js";

export interface Guest {
  readonly uuid: string;
  readonly hostName: string;
  readonly devices: readonly VmDevice[];
}

const domainName = "lab.test";
/** RFC 5737 keeps 192.0.2.0/24 for documentation. */
const gateway = "192.0.2.1";
const nameServer = "192.0.2.2";

/** guest.net and guest.ipStack. */
export function guestNetwork({ uuid, hostName, devices }: Guest): { readonly net: Value; readonly ipStack: Value } {
  const cards = devices.filter(isEthernetCard);
  const configured = cards.findIndex(({ connectable }) => connectable?.connected === true);
  const net = cards.map(({ key, connectable }, index) => {
    const addresses = index === configured ? addressesOf(uuid) : [];
    return structure("GuestNicInfo", {
      network: text("VM Network"),
      ipAddress: array(
        "string",
        addresses.map(([address]) => text(address)),
      ),
      macAddress: text(macAddress(uuid, key)),
      connected: boolean(connectable?.connected === true),
      deviceConfigId: int(key),
      ipConfig: structure("NetIpConfigInfo", {
        ipAddress: array("NetIpConfigInfoIpAddress", addresses.map(ipAddress)),
      }),
    });
  });
  return {
    net: array("GuestNicInfo", net),
    ipStack: array("GuestStackInfo", configured < 0 ? [] : [stack(hostName, configured)]),
  };
}

type Address = readonly [address: string, prefixLength: number, origin: string];

function addressesOf(uuid: string): readonly Address[] {
  const [last = 0] = createHash("sha256").update(uuid).digest();
  return [
    [`192.0.2.${10 + (last % 240)}`, 24, "dhcp"],
    [`fe80::250:56ff:fe80:${last.toString(16)}`, 64, "linklayer"],
  ];
}

function ipAddress([address, prefixLength, origin]: Address): Value {
  return structure("NetIpConfigInfoIpAddress", {
    ipAddress: text(address),
    prefixLength: int(prefixLength),
    origin: text(origin),
    state: text("preferred"),
  });
}

function stack(hostName: string, device: number): Value {
  return structure("GuestStackInfo", {
    dnsConfig: structure("NetDnsConfigInfo", {
      dhcp: boolean(true),
      hostName: text(hostName),
      domainName: text(domainName),
      ipAddress: array("string", [text(nameServer)]),
    }),
    ipRouteConfig: structure("NetIpRouteConfigInfo", {
      ipRoute: array("NetIpRouteConfigInfoIpRoute", [
        structure("NetIpRouteConfigInfoIpRoute", {
          network: text("0.0.0.0"),
          prefixLength: int(0),
          gateway: structure("NetIpRouteConfigInfoGateway", { ipAddress: text(gateway), device: text(String(device)) }),
        }),
      ]),
    }),
  });
}
