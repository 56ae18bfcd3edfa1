/** Sensors that only have events: their records name the sensors of SEL entries for tools. */
import { sensorSpecific } from "../../sel/systemEvent.js";
import { entity, type EventSensor, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";
import { severityType } from "./severity.js";

function eventSensor(
  number: number,
  name: string,
  type: number,
  entityId: number,
  eventType: number = sensorSpecific,
): EventSensor {
  return { kind: "events", number, name, type, entity: entityId, eventType };
}

export const eventSensors: readonly EventSensor[] = [
  eventSensor(sensorNumber.controller, "BMC", sensorType.managementHealth, entity.systemManagementModule, severityType),
  eventSensor(sensorNumber.sessionAudit, "Log-in", sensorType.sessionAudit, entity.systemManagementModule),
  eventSensor(sensorNumber.systemRestart, "System Restart", sensorType.systemRestart, entity.systemBoard),
  eventSensor(sensorNumber.criticalInterrupt, "Interrupt", sensorType.criticalInterrupt, entity.systemBoard),
  eventSensor(sensorNumber.operatingSystem, "Guest OS", sensorType.operatingSystemBoot, entity.operatingSystem),
  eventSensor(sensorNumber.management, "vSphere", sensorType.managementHealth, entity.managementSoftware),
];
