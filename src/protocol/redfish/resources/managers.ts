/** DSP0268 "Manager 1.24.0" and its subordinate resources: the BMC itself. */
import type { MachineTrouble } from "../../../model/machine/machine.js";
import { text } from "../checks.js";
import { oneOf } from "../checks.js";
import { dateTime, dateTimePattern, localOffset, offsetPattern, setDateTime, setLocalOffset } from "../dateTime.js";
import { type JsonObject, link } from "../json.js";
import { baseRegistry, message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import { rootUri } from "../representation.js";
import { type Action, defineCollection, defineResource } from "../resource.js";
import { chassisUri, managerUri, systemUri } from "./identity.js";
import { managerSerialConsole } from "./serialConsole.js";

const enabled = { State: "Enabled", Health: "OK" } as const;

const managerCollection = defineCollection({
  uri: `${rootUri}/Managers`,
  of: "Manager",
  name: "Manager Collection",
  entity: "ManagerCollection",
  ids: () => ["1"],
});

/** Restarts the BMC; the VM is unaffected (IPMI 2.0 §20.2, Cold Reset). All sessions end. */
const resetManager: Action = {
  parameters: { ResetType: { check: oneOf(["GracefulRestart", "ForceRestart"]) } },
  run: (_parameters, { bmc }) => {
    bmc.coldReset();
    return Promise.resolve(undefined);
  },
};

/** A BMC that does not reach its VM says why: nothing else can be read then. */
function managerStatus(trouble: MachineTrouble | undefined): JsonObject {
  if (!trouble) {
    return enabled;
  }
  const { reason, nextTry, since } = trouble;
  const condition = {
    MessageId: `${baseRegistry.idPrefix}.GeneralError`,
    Message: nextTry === undefined ? reason : `${reason}; next try at ${nextTry}`,
    Severity: "Warning",
    Timestamp: new Date(since).toISOString(),
  };
  return { State: "Enabled", Health: "Warning", Conditions: [condition] };
}

const manager = defineResource({
  uri: `${rootUri}/Managers/{managerId}`,
  type: "Manager.v1_24_0.Manager",
  entity: "Manager",
  volatile: ["DateTime"],
  read: ({ bmc, machine, startedAt }) => ({
    Id: "1",
    Name: "Manager",
    ManagerType: "BMC",
    Manufacturer: "vbmc4vsphere",
    Model: "Virtual BMC",
    FirmwareVersion: bmc.firmwareVersion,
    UUID: bmc.uuid(),
    ServiceEntryPointUUID: bmc.uuid(),
    Status: managerStatus(machine.trouble()),
    PowerState: "On",
    DateTime: dateTime(bmc.clock),
    DateTimeLocalOffset: localOffset(bmc.clock),
    LastResetTime: new Date(startedAt()).toISOString(),
    SerialConsole: managerSerialConsole(bmc),
    NetworkProtocol: link(`${managerUri}/NetworkProtocol`),
    EthernetInterfaces: link(`${managerUri}/EthernetInterfaces`),
    LogServices: link(`${managerUri}/LogServices`),
    VirtualMedia: link(`${managerUri}/VirtualMedia`),
    Links: {
      ManagerForServers: [link(systemUri)],
      ManagerForChassis: [link(chassisUri)],
      ManagerInChassis: link(chassisUri),
    },
  }),
  writable: {
    DateTime: text({ maxBytes: 40, pattern: dateTimePattern }),
    DateTimeLocalOffset: text({ maxBytes: 6, pattern: offsetPattern }),
  },
  write: async ({ DateTime, DateTimeLocalOffset }, { bmc }) => {
    if (typeof DateTimeLocalOffset === "string") {
      await setLocalOffset(bmc.clock, DateTimeLocalOffset);
    }
    if (typeof DateTime === "string" && !(await setDateTime(bmc.clock, DateTime))) {
      throw new RedfishError(400, [
        message("PropertyValueFormatError", [DateTime, "DateTime"], { related: ["#/DateTime"] }),
      ]);
    }
  },
  actions: { "Manager.Reset": resetManager },
});

const networkProtocol = defineResource({
  uri: `${rootUri}/Managers/{managerId}/NetworkProtocol`,
  type: "ManagerNetworkProtocol.v1_12_0.ManagerNetworkProtocol",
  entity: "ManagerNetworkProtocol",
  read: ({ bmc, facts }) => ({
    Id: "NetworkProtocol",
    Name: "Manager Network Protocol",
    Status: enabled,
    HostName: null,
    FQDN: null,
    HTTP: { ProtocolEnabled: false, Port: null },
    HTTPS: { ProtocolEnabled: true, Port: facts.httpsPort },
    IPMI: { ProtocolEnabled: true, Port: bmc.lan().port },
    SSH: { ProtocolEnabled: false, Port: null },
    SNMP: { ProtocolEnabled: false, Port: null },
  }),
});

const interfaceCollection = defineCollection({
  uri: `${rootUri}/Managers/{managerId}/EthernetInterfaces`,
  of: "EthernetInterface",
  name: "Manager Ethernet Interfaces",
  entity: "ManagerEthernetInterface",
  ids: () => ["1"],
});

const ethernetInterface = defineResource({
  uri: `${rootUri}/Managers/{managerId}/EthernetInterfaces/{interfaceId}`,
  type: "EthernetInterface.v1_12_4.EthernetInterface",
  entity: "ManagerEthernetInterface",
  has: ({ params }) => params["interfaceId"] === "1",
  read: ({ bmc }) => {
    const { ipv4, gateway, isStatic } = bmc.lan();
    return {
      Id: "1",
      Name: "Manager Ethernet Interface",
      Status: enabled,
      InterfaceEnabled: true,
      LinkStatus: "LinkUp",
      // Unknown: the address belongs to a card of the daemon's host.
      SpeedMbps: null,
      MACAddress: bmc.macAddress,
      PermanentMACAddress: bmc.macAddress,
      HostName: null,
      FQDN: null,
      NameServers: [],
      IPv4Addresses: ipv4
        ? [
            {
              Address: ipv4.address,
              SubnetMask: ipv4.netmask,
              Gateway: gateway?.address ?? null,
              // What is not in the BMC's configuration comes from the host.
              AddressOrigin: isStatic ? "Static" : null,
            },
          ]
        : [],
      Links: { Chassis: link(chassisUri) },
    };
  },
});

export const managerResources = [managerCollection, manager, networkProtocol, interfaceCollection, ethernetInterface];
