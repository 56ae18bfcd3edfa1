/** The methods of the simulated vCenter: name → parameters in the order of the API, and what the call does. */
import { randomUUID } from "node:crypto";

import { authorizationMethods } from "./authorization.js";
import { argument, type Call, type Method, type Returned, type Service } from "./call.js";
import { collectorMethods } from "./collectors.js";
import { fileMethods } from "./fileMethods.js";
import { licenseManager } from "./licences.js";
import { objectsSeenBy } from "./ownSession.js";
import { performanceManager, performanceMethods } from "./performance.js";
import { powerMethods } from "./powerMethods.js";
import { questionMethods } from "./questionMethods.js";
import { dateTime, type Reference, reference, structure, text, type Value, valueAt } from "./value.js";
import { viewMethods } from "./views.js";
import { child, encodeValue } from "./xml.js";

export function serviceContent({ inventory, isEsxi, serverUuid }: Service): Value {
  const at = (type: string, vcenter: string, esxi: string): Value => reference(type, isEsxi ? esxi : vcenter);
  const product = isEsxi ? "VMware ESXi" : "VMware vCenter Server";
  const version = "8.0.2";
  const build = "22617221";
  return structure("ServiceContent", {
    rootFolder: reference(inventory.rootFolder.type, inventory.rootFolder.id),
    propertyCollector: at("PropertyCollector", "propertyCollector", "ha-property-collector"),
    viewManager: at("ViewManager", "ViewManager", "ViewManager"),
    about: structure("AboutInfo", {
      name: text(product),
      fullName: text(`${product} ${version} build-${build} (vbmc4vsphere simulator)`),
      vendor: text("VMware, Inc."),
      version: text(version),
      build: text(build),
      localeVersion: text("INTL"),
      localeBuild: text("000"),
      osType: text(isEsxi ? "vmnix-x86" : "linux-x64"),
      productLineId: text(isEsxi ? "embeddedEsx" : "vpx"),
      apiType: text(isEsxi ? "HostAgent" : "VirtualCenter"),
      apiVersion: text("8.0.2.0"),
      instanceUuid: isEsxi ? undefined : text(serverUuid()),
    }),
    sessionManager: at("SessionManager", "SessionManager", "ha-sessionmgr"),
    searchIndex: at("SearchIndex", "SearchIndex", "ha-searchindex"),
    perfManager: reference(performanceManager.type, performanceManager.id),
    authorizationManager: at("AuthorizationManager", "AuthorizationManager", "ha-authmgr"),
    fileManager: at("FileManager", "FileManager", "ha-nfc-file-manager"),
    licenseManager: reference(licenseManager.type, licenseManager.id),
  });
}

const sessionMethods: Readonly<Record<string, Method>> = {
  Logout: {
    parameters: [],
    run: ({ service, session }) => {
      service.sessions.end(session);
      return undefined;
    },
  },
  CurrentTime: { parameters: [], run: () => dateTime(new Date()) },
  AcquireGenericServiceTicket: {
    parameters: ["spec"],
    types: { spec: "SessionManagerServiceRequestSpec" },
    run: (call) => {
      const id = randomUUID();
      const { isEsxi, thumbprint, tickets } = call.service;
      const spec = argument(call, "spec");
      tickets.set(id, { url: child(spec, "url")?.text ?? "", method: child(spec, "method")?.text ?? "" });
      return structure("SessionManagerGenericServiceTicket", {
        id: text(id),
        hostName: undefined,
        sslThumbprint: thumbprint === undefined || isEsxi ? undefined : text(thumbprint),
      });
    },
  },
};

function visible({ service }: Call, found: Reference | undefined): Value | undefined {
  return found && service.isGranted(found, "System.View") ? reference(found.type, found.id) : undefined;
}

const searchMethods: Readonly<Record<string, Method>> = {
  FindByUuid: {
    parameters: ["datacenter", "uuid", "vmSearch", "instanceUuid"],
    run: (call) => {
      const uuid = argument(call, "uuid").text.toLowerCase();
      const byInstance = child(call.request, "instanceUuid")?.text === "true";
      const vms = [...call.service.inventory.vms.values()];
      const vm = vms.find((candidate) => (byInstance ? candidate.instanceUuid : candidate.uuid).toLowerCase() === uuid);
      return visible(call, vm && { type: "VirtualMachine", id: vm.id });
    },
  },
  FindByInventoryPath: {
    parameters: ["inventoryPath"],
    run: (call) => {
      const path = argument(call, "inventoryPath").text.replace(/^\//, "");
      const { inventory } = call.service;
      const vm = [...inventory.vms.values()].find((candidate) => inventory.pathOf(candidate) === path);
      const found = vm ? { type: "VirtualMachine", id: vm.id } : inventory.folderAt(path);
      return visible(call, found);
    },
  },
  /** How pyVmomi reads a property. */
  Fetch: {
    parameters: ["prop"],
    run: (call) => valueAt(objectsSeenBy(call).get(call.target).properties(), argument(call, "prop").text),
  },
};

/** What may be called before a login. */
export const publicMethods: Readonly<
  Record<string, Omit<Method, "run"> & { run: (call: Omit<Call, "session">) => Returned }>
> = {
  RetrieveServiceContent: { parameters: [], run: ({ service }) => serviceContent(service) },
};

export const methods: Readonly<Record<string, Method>> = {
  ...sessionMethods,
  ...searchMethods,
  ...viewMethods,
  ...collectorMethods,
  ...powerMethods,
  ...questionMethods,
  ...fileMethods,
  ...authorizationMethods,
  ...performanceMethods,
};

export function encodeReturned(returned: Returned, xsi: string): string {
  if (!returned) {
    return "";
  }
  switch (returned.kind) {
    case "xml":
      return `<returnval>${returned.xml}</returnval>`;
    case "list":
      return returned.items.map((item) => encodeValue("returnval", item, xsi)).join("");
    default:
      return encodeValue("returnval", returned, xsi);
  }
}
