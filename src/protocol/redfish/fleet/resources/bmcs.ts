/**
 * What is known of every BMC without asking it, as one collection: what a table of the fleet shows. An OEM resource,
 * since no standard one holds a BMC's port, state and vCenter together.
 */
import type { BmcSummary } from "../../../../model/fleet/summary.js";
import { type JsonObject, link } from "../../json.js";
import { rootUri } from "../../representation.js";
import { defineCollection, defineResource, type Resource } from "../../resource.js";
import { callerAt, type FleetParts, visibleBmcs } from "../parts.js";
import { uriOf } from "../uris.js";

export const bmcsUri = `${rootUri}/Oem/Vbmc/Bmcs`;
const type = "VbmcBmc.v1_0_0.VbmcBmc";

export function bmcUri(name: string): string {
  return `${bmcsUri}/${encodeURIComponent(name)}`;
}

function propertiesOf(bmc: BmcSummary | undefined): JsonObject {
  if (!bmc) {
    return {};
  }
  const { name, lastEvent } = bmc;
  return {
    Id: name,
    Name: name,
    MachineName: bmc.vmName,
    State: bmc.state,
    StateReason: bmc.reason,
    PowerState: bmc.power ?? null,
    Health: bmc.health ?? null,
    Address: bmc.address,
    IpmiPort: bmc.port,
    RedfishPort: bmc.redfishPort,
    VCenter: bmc.viserver,
    Host: bmc.host,
    GuestHostName: bmc.guestHostName,
    GuestAddress: bmc.guestAddress,
    Console: bmc.console,
    Media: bmc.media,
    LastEvent: lastEvent && { Created: lastEvent.at, Message: lastEvent.text },
    Links: {
      System: link(uriOf("Systems", name)),
      Manager: link(uriOf("Managers", name)),
      Chassis: link(uriOf("Chassis", name)),
    },
  };
}

/** Of a URI's last segment; empty for one that is not valid. */
function nameOf(id: string | undefined): string {
  try {
    return decodeURIComponent(id ?? "");
  } catch {
    return "";
  }
}

export const bmcResources: readonly Resource<FleetParts>[] = [
  defineCollection<FleetParts>({
    uri: bmcsUri,
    of: "VbmcBmc",
    name: "Virtual BMCs",
    entity: "ComputerSystemCollection",
    ids: ({ fleet, principal }) => visibleBmcs(fleet, principal).map(({ name }) => encodeURIComponent(name)),
    // A table needs all of them at once: one answer instead of a thousand.
    inline: (id, { fleet }) => ({
      "@odata.id": `${bmcsUri}/${id}`,
      "@odata.type": `#${type}`,
      ...propertiesOf(fleet.find(nameOf(id))),
    }),
  }),
  defineResource<FleetParts>({
    uri: `${bmcsUri}/{bmcId}`,
    type,
    entity: "ComputerSystem",
    has: ({ fleet, params, principal }) => {
      const name = nameOf(params["bmcId"]);
      return fleet.find(name) !== undefined && callerAt(name, principal) !== undefined;
    },
    read: ({ fleet, params }) => propertiesOf(fleet.find(nameOf(params["bmcId"]))),
  }),
];
