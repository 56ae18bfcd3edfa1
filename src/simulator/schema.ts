/** Which elements an argument may hold and in which order: vCenter refuses what is unknown or out of order. */
import { malformed } from "./fault.js";
import type { Element } from "./xml.js";

const selection = ["name"];
const bootable = ["deviceKey"];
const device = ["key", "deviceInfo", "backing", "connectable", "slotInfo", "controllerKey", "unitNumber"];
const fileBacking = ["fileName", "datastore", "backingObjectId"];
const remoteBacking = ["deviceName", "useAutoDetect"];

/** Data types that requests can hold, with their fields in the order of the API. */
const dataTypes: Readonly<Record<string, readonly string[]>> = {
  PropertyFilterSpec: ["propSet", "objectSet", "reportMissingObjectsInResults"],
  PropertySpec: ["type", "all", "pathSet"],
  ObjectSpec: ["obj", "skip", "selectSet"],
  SelectionSpec: selection,
  TraversalSpec: [...selection, "type", "path", "skip", "selectSet"],
  RetrieveOptions: ["maxObjects"],
  PerfQuerySpec: ["entity", "startTime", "endTime", "maxSample", "metricId", "intervalId", "format"],
  PerfMetricId: ["counterId", "instance"],
  WaitOptions: ["maxWaitSeconds", "maxObjectUpdates"],
  VirtualMachineConfigSpec: [
    "changeVersion",
    "name",
    "version",
    "uuid",
    "instanceUuid",
    "guestId",
    "annotation",
    "numCPUs",
    "memoryMB",
    "deviceChange",
    "extraConfig",
    "bootOptions",
    "firmware",
  ],
  VirtualMachineBootOptions: [
    "bootDelay",
    "enterBIOSSetup",
    "efiSecureBootEnabled",
    "bootRetryEnabled",
    "bootRetryDelay",
    "bootOrder",
    "networkBootProtocol",
  ],
  VirtualMachineBootOptionsBootableDevice: [],
  VirtualMachineBootOptionsBootableEthernetDevice: bootable,
  VirtualMachineBootOptionsBootableDiskDevice: bootable,
  VirtualMachineBootOptionsBootableCdromDevice: [],
  VirtualMachineBootOptionsBootableFloppyDevice: [],
  OptionValue: ["key", "value"],
  VirtualDeviceConfigSpec: ["operation", "fileOperation", "device", "profile", "backing", "filterSpec"],
  VirtualCdrom: device,
  VirtualFloppy: device,
  VirtualAHCIController: [...device, "busNumber", "device"],
  VirtualSerialPort: [...device, "yieldOnPoll"],
  VirtualSerialPortURIBackingInfo: ["serviceURI", "direction", "proxyURI"],
  VirtualSerialPortFileBackingInfo: fileBacking,
  VirtualSerialPortDeviceBackingInfo: remoteBacking,
  VirtualSerialPortPipeBackingInfo: ["pipeName", "endpoint", "noRxLoss"],
  VirtualDeviceConnectInfo: ["migrateConnect", "startConnected", "allowGuestControl", "connected", "status"],
  VirtualCdromIsoBackingInfo: fileBacking,
  VirtualFloppyImageBackingInfo: fileBacking,
  VirtualCdromRemotePassthroughBackingInfo: [...remoteBacking, "exclusive"],
  VirtualFloppyRemoteDeviceBackingInfo: remoteBacking,
  SessionManagerHttpServiceRequestSpec: ["method", "url"],
  HostDatastoreBrowserSearchSpec: ["query", "details", "searchCaseInsensitive", "matchPattern", "sortFoldersFirst"],
  FileQueryFlags: ["fileType", "fileSize", "modification", "fileOwner"],
};

/** The declared type of a field, where an xsi:type does not say more. */
const fieldTypes: Readonly<Record<string, string>> = {
  specSet: "PropertyFilterSpec",
  propSet: "PropertySpec",
  objectSet: "ObjectSpec",
  selectSet: "SelectionSpec",
  metricId: "PerfMetricId",
  bootOptions: "VirtualMachineBootOptions",
  bootOrder: "VirtualMachineBootOptionsBootableDevice",
  extraConfig: "OptionValue",
  details: "FileQueryFlags",
  deviceChange: "VirtualDeviceConfigSpec",
  connectable: "VirtualDeviceConnectInfo",
};

/** Throws when `element`, a value of `declaredType` or of the type it names itself, is not as the API has it. */
export function checkValue(element: Element, declaredType: string): void {
  const type = element.xsiType ?? declaredType;
  const fields = dataTypes[type];
  if (!fields) {
    return;
  }
  checkOrder(element, fields, type);
  for (const field of element.children) {
    const fieldType = field.xsiType ?? fieldTypes[field.name];
    if (fieldType !== undefined) {
      checkValue(field, fieldType);
    }
  }
}

export function checkOrder(element: Element, fields: readonly string[], type: string): void {
  let position = 0;
  for (const { name } of element.children) {
    const at = fields.indexOf(name);
    if (at < 0) {
      throw malformed(`Unexpected element tag "${name}" seen while parsing a ${type}`);
    }
    if (at < position) {
      throw malformed(`Element "${name}" of ${type} is out of order`);
    }
    position = at;
  }
}
