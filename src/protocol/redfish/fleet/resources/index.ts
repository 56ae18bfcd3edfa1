/** The fleet's own resources; what belongs to a BMC is in that BMC's table. */
import type { Document, Resource } from "../../resource.js";
import { metadataDocuments } from "../../resources/documents.js";
import { resources as bmcTable } from "../../resources/index.js";
import { jsonSchemaResources, registryFile, registryResources } from "../../resources/registries.js";
import { taskMonitor, taskResources } from "../../resources/tasks.js";
import type { FleetParts } from "../parts.js";
import { bmcResources } from "./bmcs.js";
import { collectionResources } from "./collections.js";
import { eventService, eventStream } from "./eventService.js";
import { serviceRoot } from "./serviceRoot.js";
import { sessionResources } from "./sessions.js";

export const fleetResources: readonly Resource<FleetParts>[] = [
  serviceRoot,
  ...collectionResources,
  ...bmcResources,
  ...sessionResources,
  eventService,
  ...taskResources,
  ...registryResources,
  ...jsonSchemaResources<FleetParts>(() => allTypes),
];

export const fleetDocuments: readonly Document<FleetParts>[] = [
  ...metadataDocuments<FleetParts>(() => allTypes),
  taskMonitor,
  eventStream,
  registryFile,
];

/** Schemas and metadata describe what the BMCs answer, too. */
const allTypes: readonly Pick<Resource, "uri" | "type">[] = [...fleetResources, ...bmcTable];
