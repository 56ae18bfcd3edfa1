/** All resources of a service, defined in the files of this folder; everything else derives from this table. */
import type { Document, Resource } from "../resource.js";
import { accountResources } from "./accounts.js";
import { actionInfosOf } from "./actionInfo.js";
import { biosResources } from "./bios.js";
import { chassisResources } from "./chassis.js";
import { metadataDocuments } from "./documents.js";
import { driveResources } from "./drives.js";
import { ethernetInterfaceResources } from "./ethernetInterfaces.js";
import { eventResources, eventStream } from "./eventService.js";
import { logResources } from "./logServices.js";
import { managerResources } from "./managers.js";
import { mediaCertificateResources } from "./mediaCertificates.js";
import { memoryResources } from "./memory.js";
import { networkAdapterResources } from "./networkAdapters.js";
import { networkInterfaceResources } from "./networkInterfaces.js";
import { networkPortResources } from "./networkPorts.js";
import { processorResources } from "./processors.js";
import { jsonSchemaResources, registryFile, registryResources } from "./registries.js";
import { secureBootResources } from "./secureBoot.js";
import { serviceRoot } from "./serviceRoot.js";
import { sessionResources } from "./sessions.js";
import { simpleStorageResources } from "./simpleStorage.js";
import { storageResources } from "./storage.js";
import { subsystemResources } from "./subsystems.js";
import { systemResources } from "./systems.js";
import { taskMonitor, taskResources } from "./tasks.js";
import { updateResources } from "./updateService.js";
import { virtualMediaResources } from "./virtualMedia.js";

const described: readonly Resource[] = [
  serviceRoot,
  ...systemResources,
  ...processorResources,
  ...memoryResources,
  ...ethernetInterfaceResources,
  ...networkInterfaceResources,
  ...storageResources,
  ...driveResources,
  ...simpleStorageResources,
  ...biosResources,
  ...secureBootResources,
  ...logResources,
  ...chassisResources,
  ...subsystemResources,
  ...networkAdapterResources,
  ...networkPortResources,
  ...managerResources,
  ...virtualMediaResources,
  ...mediaCertificateResources,
  ...sessionResources,
  ...accountResources,
  ...taskResources,
  ...eventResources,
  ...updateResources,
  ...registryResources,
];

export const resources: readonly Resource[] = [
  ...described,
  ...jsonSchemaResources(() => resources),
  ...actionInfosOf(described),
];

export const documents: readonly Document[] = [
  ...metadataDocuments(() => resources),
  taskMonitor,
  eventStream,
  registryFile,
];
