/** DSP0268 "Chassis 1.28.0", "Sensor 1.12.0", "EnvironmentMetrics 1.5.0": the IPMI sensors that have a value. */
import { sensors } from "../../../model/bmc/sensors/index.js";
import { powerConsumption } from "../../../model/bmc/sensors/powerConsumption.js";
import { type AnalogSensor, entity, type Sensor, unit } from "../../../model/bmc/sensors/sensor.js";
import { boolean } from "../checks.js";
import { type Json, type JsonObject, link } from "../json.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";
import { chassisUri, identityFacts, identityOf, managerUri, statusOf, systemUri } from "./identity.js";

const chassisCollection = defineCollection({
  uri: `${rootUri}/Chassis`,
  of: "Chassis",
  name: "Chassis Collection",
  entity: "ChassisCollection",
  ids: () => ["1"],
});

const chassis = defineResource({
  uri: `${rootUri}/Chassis/{chassisId}`,
  type: "Chassis.v1_28_0.Chassis",
  entity: "Chassis",
  read: async (visit) => {
    const powerState = await visit.machine.powerState();
    const snapshot = visit.machine.snapshot();
    return {
      Id: "1",
      Name: `Chassis of ${snapshot?.name ?? visit.bmc.vmName}`,
      ChassisType: "RackMount",
      ...identityOf(identityFacts(visit)),
      PowerState: powerState === "poweredOn" ? "On" : "Off",
      Status: statusOf(snapshot ?? { powerState }),
      LocationIndicatorActive: visit.bmc.chassis.identifyState() !== "off",
      NetworkAdapters: link(`${chassisUri}/NetworkAdapters`),
      PowerSubsystem: link(`${chassisUri}/PowerSubsystem`),
      ThermalSubsystem: link(`${chassisUri}/ThermalSubsystem`),
      Sensors: link(`${chassisUri}/Sensors`),
      EnvironmentMetrics: link(`${chassisUri}/EnvironmentMetrics`),
      Links: {
        ComputerSystems: [link(systemUri)],
        ManagedBy: [link(managerUri)],
        ManagersInChassis: [link(managerUri)],
      },
    };
  },
  // The same light as the System's.
  writable: { LocationIndicatorActive: boolean },
  write: ({ LocationIndicatorActive }, { bmc }) => {
    bmc.chassis.identify(LocationIndicatorActive === true ? Infinity : 0);
    return Promise.resolve();
  },
});

const analog = sensors.filter((sensor: Sensor): sensor is AnalogSensor => sensor.kind === "analog");

const sensorCollection = defineCollection({
  uri: `${rootUri}/Chassis/{chassisId}/Sensors`,
  of: "Sensor",
  name: "Sensors",
  entity: "ChassisPart",
  ids: () => analog.map(idOf),
});

const sensor = defineResource({
  uri: `${rootUri}/Chassis/{chassisId}/Sensors/{sensorId}`,
  type: "Sensor.v1_12_0.Sensor",
  entity: "ChassisPart",
  volatile: ["Reading", "Status"],
  has: (visit) => find(visit) !== undefined,
  read: async (visit) => {
    const found = find(visit);
    return found ? describe(found, await visit.bmc.readings.value(found)) : {};
  },
});

const environmentMetrics = defineResource({
  uri: `${rootUri}/Chassis/{chassisId}/EnvironmentMetrics`,
  type: "EnvironmentMetrics.v1_5_0.EnvironmentMetrics",
  entity: "ChassisPart",
  volatile: ["PowerWatts"],
  read: async ({ bmc }) => ({
    Id: "EnvironmentMetrics",
    Name: "Environment Metrics",
    PowerWatts: {
      DataSourceUri: `${chassisUri}/Sensors/${idOf(powerConsumption)}`,
      Reading: (await bmc.readings.value(powerConsumption)) ?? null,
    },
  }),
});

/** The sensor's number in IPMI. */
function idOf({ number }: Sensor): string {
  return `${number.toString(16).toUpperCase().padStart(2, "0")}h`;
}

function find({ params }: Visit): AnalogSensor | undefined {
  return analog.find((candidate) => idOf(candidate) === params["sensorId"]);
}

function describe(found: AnalogSensor, reading: number | undefined): JsonObject {
  const { nonCritical, critical } = found.thresholds ?? {};
  return {
    Id: idOf(found),
    Name: found.name,
    ...unitsOf(found),
    PhysicalContext: contexts[found.entity],
    Reading: reading ?? null,
    Status: {
      State: reading === undefined ? "UnavailableOffline" : "Enabled",
      Health: reading === undefined ? null : healthOf(reading, found),
    },
    ...(nonCritical !== undefined &&
      critical !== undefined && {
        Thresholds: {
          UpperCaution: { Reading: nonCritical, Activation: "Increasing" },
          UpperCritical: { Reading: critical, Activation: "Increasing" },
        },
      }),
  };
}

function healthOf(reading: number, { thresholds }: AnalogSensor): Json {
  if (!thresholds || reading < thresholds.nonCritical) {
    return "OK";
  }
  return reading < thresholds.critical ? "Warning" : "Critical";
}

const contexts: Readonly<Record<number, string>> = {
  [entity.processor]: "CPU",
  [entity.memory]: "Memory",
  [entity.disk]: "StorageDevice",
  [entity.network]: "NetworkingDevice",
  [entity.powerUnit]: "PowerSubsystem",
  [entity.systemBoard]: "SystemBoard",
};

/** UCUM, as DSP0268 requires; types only for units that have one. */
function unitsOf({ unit: { base, isPercent, isPerSecond } }: AnalogSensor): JsonObject {
  if (isPercent) {
    return { ReadingType: "Percent", ReadingUnits: "%" };
  }
  const { type, units } = readingUnits[base] ?? {};
  return { ReadingType: type, ReadingUnits: units && `${units}${isPerSecond ? "/s" : ""}` };
}

const readingUnits: Readonly<Record<number, { readonly type?: string; readonly units: string }>> = {
  [unit.watt]: { type: "Power", units: "W" },
  [unit.hertz]: { type: "Frequency", units: "Hz" },
  [unit.hour]: { units: "h" },
  [unit.kilobyte]: { units: "kBy" },
  [unit.megabyte]: { units: "MBy" },
};

export const chassisResources = [chassisCollection, chassis, sensorCollection, sensor, environmentMetrics];
