/** The collections whose members the BMCs answer: a System, a Chassis and a Manager for each. */
import { rootUri } from "../../representation.js";
import { defineCollection, type Resource } from "../../resource.js";
import { type FleetParts, visibleBmcs } from "../parts.js";

type Visitor = Parameters<typeof visibleBmcs>[1];

function idsOf({ fleet, principal }: { fleet: FleetParts["fleet"]; principal: Visitor }): readonly string[] {
  return visibleBmcs(fleet, principal).map(({ name }) => encodeURIComponent(name));
}

export const collectionResources: readonly Resource<FleetParts>[] = [
  defineCollection<FleetParts>({
    uri: `${rootUri}/Systems`,
    of: "ComputerSystem",
    name: "Computer System Collection",
    entity: "ComputerSystemCollection",
    ids: idsOf,
  }),
  defineCollection<FleetParts>({
    uri: `${rootUri}/Chassis`,
    of: "Chassis",
    name: "Chassis Collection",
    entity: "ChassisCollection",
    ids: idsOf,
  }),
  defineCollection<FleetParts>({
    uri: `${rootUri}/Managers`,
    of: "Manager",
    name: "Manager Collection",
    entity: "ManagerCollection",
    ids: idsOf,
  }),
];
