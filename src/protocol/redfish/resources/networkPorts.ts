/**
 * DSP0268 "NetworkPort 1.4.3", deprecated in favor of Port: check_redfish gets to a port only by the link that leads to a
 * NetworkPort.
 */
import { defineCollection } from "../resource.js";
import { cardStateOf } from "./cardState.js";
import { adapterTemplate, findCard, onlyId, onlyMember } from "./networkAdapters.js";
import { definePart } from "./parts.js";

const networkPortCollection = defineCollection({
  uri: `${adapterTemplate}/NetworkPorts`,
  of: "NetworkPort",
  name: "Network Ports",
  entity: "ChassisPart",
  ids: onlyMember,
});

const networkPort = definePart({
  uri: `${adapterTemplate}/NetworkPorts/{networkPortId}`,
  type: "NetworkPort.v1_4_3.NetworkPort",
  entity: "ChassisPart",
  find: (inventory, visit) => (visit.params["networkPortId"] === onlyId ? findCard(inventory, visit) : undefined),
  read: (card, visit) => {
    const { LinkStatus, Status } = cardStateOf(card, visit);
    return {
      Id: onlyId,
      Name: `${card.label} Port`,
      PhysicalPortNumber: onlyId,
      ActiveLinkTechnology: "Ethernet",
      LinkStatus: LinkStatus === "LinkUp" ? "Up" : "Down",
      Status,
      CurrentLinkSpeedMbps: card.speedMbps,
      AssociatedNetworkAddresses: card.macAddress === undefined ? [] : [card.macAddress],
    };
  },
});

export const networkPortResources = [networkPortCollection, networkPort];
