/** The service root of all BMCs' service (DSP0266 "Service root"). */
import { link } from "../../json.js";
import { rootUri } from "../../representation.js";
import { defineResource } from "../../resource.js";
import { protocolFeatures } from "../../resources/serviceRoot.js";
import type { FleetParts } from "../parts.js";
import { bmcsUri } from "./bmcs.js";

/** DSP0268 "ServiceRoot 1.20.0" of all BMCs. */
export const serviceRoot = defineResource<FleetParts>({
  uri: rootUri,
  type: "ServiceRoot.v1_20_0.ServiceRoot",
  entity: "ServiceRoot",
  isPublic: true,
  read: ({ uuid }) => ({
    Id: "RootService",
    Name: "Root Service",
    Product: "vbmc4vsphere",
    RedfishVersion: "1.22.1",
    UUID: uuid,
    Systems: link(`${rootUri}/Systems`),
    Chassis: link(`${rootUri}/Chassis`),
    Managers: link(`${rootUri}/Managers`),
    SessionService: link(`${rootUri}/SessionService`),
    Tasks: link(`${rootUri}/TaskService`),
    EventService: link(`${rootUri}/EventService`),
    Registries: link(`${rootUri}/Registries`),
    JsonSchemas: link(`${rootUri}/JsonSchemas`),
    Links: { Sessions: link(`${rootUri}/SessionService/Sessions`) },
    Oem: { Vbmc: { "@odata.type": "#VbmcServiceRoot.v1_0_0.ServiceRoot", Bmcs: link(bmcsUri) } },
    ProtocolFeaturesSupported: protocolFeatures,
  }),
});
