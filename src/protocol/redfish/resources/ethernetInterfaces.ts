/** DSP0268 "EthernetInterface 1.12.4": the VM's network adapters as its guest uses them. */
import type { GuestDns } from "../../../model/machine/inventory.js";
import { type JsonObject, link } from "../json.js";
import { defineCollection } from "../resource.js";
import { cardStateOf } from "./cardState.js";
import { addressesOf } from "./guestAddresses.js";
import { chassisUri } from "./identity.js";
import { adapterUris } from "./networkAdapters.js";
import { definePart, keysOf, links, withKey } from "./parts.js";

const collection = "/redfish/v1/Systems/{systemId}/EthernetInterfaces";

const interfaceCollection = defineCollection({
  uri: collection,
  of: "EthernetInterface",
  name: "Ethernet Interfaces",
  entity: "SystemPart",
  ids: async ({ machine }) => keysOf((await machine.inventory()).networkCards),
});

const ethernetInterface = definePart({
  uri: `${collection}/{ethernetInterfaceId}`,
  type: "EthernetInterface.v1_12_4.EthernetInterface",
  entity: "SystemPart",
  find: ({ networkCards, dns }, { params }) => {
    const card = withKey(networkCards, params["ethernetInterfaceId"]);
    return card && { card, dns };
  },
  read: ({ card, dns }, visit) => {
    const { isEnabled, LinkStatus, Status } = cardStateOf(card, visit);
    const adapter = adapterUris(card.key);
    return {
      Id: String(card.key),
      Name: card.label,
      InterfaceEnabled: isEnabled,
      LinkStatus,
      Status,
      MACAddress: card.macAddress,
      PermanentMACAddress: card.macAddress,
      SpeedMbps: card.speedMbps,
      FullDuplex: true,
      ...namesOf(dns),
      ...addressesOf(card),
      Links: {
        Chassis: link(chassisUri),
        ...links("NetworkDeviceFunctions", [adapter.deviceFunction]),
        ...links("Ports", [adapter.port]),
      },
    };
  },
});

function namesOf(dns: GuestDns | undefined): JsonObject {
  const hostName = dns?.hostName ?? null;
  const domain = dns?.domainName;
  return {
    HostName: hostName,
    FQDN: hostName !== null && domain !== undefined ? `${hostName}.${domain}` : null,
    NameServers: dns?.servers ?? [],
  };
}

export const ethernetInterfaceResources = [interfaceCollection, ethernetInterface];
