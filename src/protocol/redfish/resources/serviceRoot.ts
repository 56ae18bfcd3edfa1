/** The service root (DSP0266 "Service root", DSP0268 "ServiceRoot 1.20.0"). */
import { type JsonObject, link } from "../json.js";
import { maxLevels } from "../query.js";
import { rootUri } from "../representation.js";
import { defineResource } from "../resource.js";

/** What every service of ours supports of DSP0266, be it of one BMC or of a fleet. */
export const protocolFeatures: JsonObject = {
  ExcerptQuery: false,
  ExpandQuery: { ExpandAll: true, Levels: true, Links: true, NoLinks: true, MaxLevels: maxLevels },
  FilterQuery: false,
  MultipleHTTPRequests: true,
  OnlyMemberQuery: true,
  SelectQuery: true,
  TopSkipQuery: true,
  DeepOperations: { DeepPATCH: false, DeepPOST: false },
};

/** DSP0268 "ServiceRoot 1.20.0": the entry point of all clients, without login. */
export const serviceRoot = defineResource({
  uri: rootUri,
  type: "ServiceRoot.v1_20_0.ServiceRoot",
  entity: "ServiceRoot",
  isPublic: true,
  read: ({ bmc }) => ({
    Id: "RootService",
    Name: "Root Service",
    Product: "vbmc4vsphere",
    Vendor: "vbmc4vsphere",
    RedfishVersion: "1.22.1",
    UUID: bmc.uuid(),
    Systems: link(`${rootUri}/Systems`),
    Chassis: link(`${rootUri}/Chassis`),
    Managers: link(`${rootUri}/Managers`),
    SessionService: link(`${rootUri}/SessionService`),
    AccountService: link(`${rootUri}/AccountService`),
    Tasks: link(`${rootUri}/TaskService`),
    UpdateService: link(`${rootUri}/UpdateService`),
    EventService: link(`${rootUri}/EventService`),
    Registries: link(`${rootUri}/Registries`),
    JsonSchemas: link(`${rootUri}/JsonSchemas`),
    Links: { Sessions: link(`${rootUri}/SessionService/Sessions`) },
    ProtocolFeaturesSupported: protocolFeatures,
  }),
});
