/** DSP0268 "NetworkInterface 1.2.3": links the System to its adapters, which are in the Chassis. */
import { link } from "../json.js";
import { defineCollection } from "../resource.js";
import { cardStateOf } from "./cardState.js";
import { adapterUris } from "./networkAdapters.js";
import { definePart, keysOf, withKey } from "./parts.js";

const collection = "/redfish/v1/Systems/{systemId}/NetworkInterfaces";

const interfaceCollection = defineCollection({
  uri: collection,
  of: "NetworkInterface",
  name: "Network Interfaces",
  entity: "SystemPart",
  ids: async ({ machine }) => keysOf((await machine.inventory()).networkCards),
});

const networkInterface = definePart({
  uri: `${collection}/{networkInterfaceId}`,
  type: "NetworkInterface.v1_2_3.NetworkInterface",
  entity: "SystemPart",
  find: ({ networkCards }, { params }) => withKey(networkCards, params["networkInterfaceId"]),
  read: (card, visit) => {
    const { adapter, ports, deviceFunctions } = adapterUris(card.key);
    return {
      Id: String(card.key),
      Name: card.label,
      Status: cardStateOf(card, visit).Status,
      Ports: link(ports),
      NetworkDeviceFunctions: link(deviceFunctions),
      Links: { NetworkAdapter: link(adapter) },
    };
  },
});

export const networkInterfaceResources = [interfaceCollection, networkInterface];
