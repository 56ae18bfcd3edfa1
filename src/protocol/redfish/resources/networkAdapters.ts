/** DSP0268 "NetworkAdapter 1.14.0", "Port 1.18.0", "NetworkDeviceFunction 1.11.1": each adapter has one of each. */
import type { MachineInventory, NetworkCard } from "../../../model/machine/inventory.js";
import { type JsonObject, link } from "../json.js";
import { defineCollection, type Visit } from "../resource.js";
import { cardStateOf } from "./cardState.js";
import { chassisUri, systemUri } from "./identity.js";
import { definePart, keysOf, links, required, withKey } from "./parts.js";

const collection = "/redfish/v1/Chassis/{chassisId}/NetworkAdapters";
export const adapterTemplate = `${collection}/{networkAdapterId}`;
/** Id of an adapter's port and of its function. */
export const onlyId = "1";

export interface AdapterUris {
  readonly adapter: string;
  readonly ports: string;
  readonly port: string;
  readonly networkPorts: string;
  readonly networkPort: string;
  readonly deviceFunctions: string;
  readonly deviceFunction: string;
}

export function adapterUris(key: number): AdapterUris {
  const adapter = `${chassisUri}/NetworkAdapters/${key}`;
  const ports = `${adapter}/Ports`;
  const networkPorts = `${adapter}/NetworkPorts`;
  const deviceFunctions = `${adapter}/NetworkDeviceFunctions`;
  return {
    adapter,
    ports,
    port: `${ports}/${onlyId}`,
    networkPorts,
    networkPort: `${networkPorts}/${onlyId}`,
    deviceFunctions,
    deviceFunction: `${deviceFunctions}/${onlyId}`,
  };
}

const adapterCollection = defineCollection({
  uri: collection,
  of: "NetworkAdapter",
  name: "Network Adapters",
  entity: "ChassisPart",
  ids: async ({ machine }) => keysOf((await machine.inventory()).networkCards),
});

export function findCard({ networkCards }: MachineInventory, { params }: Visit): NetworkCard | undefined {
  return withKey(networkCards, params["networkAdapterId"]);
}

const adapter = definePart({
  uri: adapterTemplate,
  type: "NetworkAdapter.v1_14_0.NetworkAdapter",
  entity: "ChassisPart",
  find: findCard,
  read: (card, visit) => {
    const uris = adapterUris(card.key);
    return {
      Id: String(card.key),
      Name: card.label,
      Manufacturer: "VMware, Inc.",
      Model: card.model,
      Status: cardStateOf(card, visit).Status,
      Controllers: [
        {
          ControllerCapabilities: { NetworkPortCount: 1, NetworkDeviceFunctionCount: 1 },
          Links: {
            ...links("Ports", [uris.port]),
            ...links("NetworkPorts", [uris.networkPort]),
            ...links("NetworkDeviceFunctions", [uris.deviceFunction]),
          },
        },
      ],
      Ports: link(uris.ports),
      NetworkPorts: link(uris.networkPorts),
      NetworkDeviceFunctions: link(uris.deviceFunctions),
    };
  },
});

export const onlyMember = async (visit: Visit): Promise<readonly string[]> => {
  await required(findCard, visit);
  return [onlyId];
};

const portCollection = defineCollection({
  uri: `${adapterTemplate}/Ports`,
  of: "Port",
  name: "Ports",
  entity: "ChassisPart",
  ids: onlyMember,
});

const port = definePart({
  uri: `${adapterTemplate}/Ports/{portId}`,
  type: "Port.v1_18_0.Port",
  entity: "ChassisPart",
  find: (inventory, visit) => (visit.params["portId"] === onlyId ? findCard(inventory, visit) : undefined),
  read: (card, visit) => {
    const { isEnabled, LinkStatus, Status } = cardStateOf(card, visit);
    const speedGbps = card.speedMbps === undefined ? undefined : card.speedMbps / 1_000;
    return {
      Id: onlyId,
      Name: `${card.label} Port`,
      PortId: onlyId,
      PortProtocol: "Ethernet",
      LinkNetworkTechnology: "Ethernet",
      InterfaceEnabled: isEnabled,
      LinkState: isEnabled ? "Enabled" : "Disabled",
      LinkStatus,
      Status,
      CurrentSpeedGbps: speedGbps,
      MaxSpeedGbps: speedGbps,
      Ethernet: addressProperties(card, (mac) => ({ AssociatedMACAddresses: [mac] })),
      Links: links("EthernetInterfaces", [`${systemUri}/EthernetInterfaces/${card.key}`]),
    };
  },
});

const functionCollection = defineCollection({
  uri: `${adapterTemplate}/NetworkDeviceFunctions`,
  of: "NetworkDeviceFunction",
  name: "Network Device Functions",
  entity: "ChassisPart",
  ids: onlyMember,
});

const deviceFunction = definePart({
  uri: `${adapterTemplate}/NetworkDeviceFunctions/{networkDeviceFunctionId}`,
  type: "NetworkDeviceFunction.v1_11_1.NetworkDeviceFunction",
  entity: "ChassisPart",
  find: (inventory, visit) =>
    visit.params["networkDeviceFunctionId"] === onlyId ? findCard(inventory, visit) : undefined,
  read: (card, visit) => {
    const { isEnabled, Status } = cardStateOf(card, visit);
    const { port: portUri, networkPort } = adapterUris(card.key);
    return {
      Id: onlyId,
      Name: `${card.label} Function`,
      NetDevFuncType: "Ethernet",
      NetDevFuncCapabilities: ["Ethernet"],
      DeviceEnabled: isEnabled,
      Status,
      Ethernet: addressProperties(card, (mac) => ({ MACAddress: mac, PermanentMACAddress: mac })),
      ...links("AssignablePhysicalNetworkPorts", [portUri]),
      Links: {
        PhysicalNetworkPortAssignment: link(portUri),
        PhysicalPortAssignment: link(networkPort),
        ...links("EthernetInterfaces", [`${systemUri}/EthernetInterfaces/${card.key}`]),
      },
    };
  },
});

function addressProperties({ macAddress }: NetworkCard, of: (mac: string) => JsonObject): JsonObject | undefined {
  return macAddress === undefined ? undefined : of(macAddress);
}

export const networkAdapterResources = [
  adapterCollection,
  adapter,
  portCollection,
  port,
  functionCollection,
  deviceFunction,
];
