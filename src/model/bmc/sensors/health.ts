/** The sensor of the VM's health (IPMI 2.0 table 42-2, severity). */
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";
import { severityOf, severityStates, severityType } from "./severity.js";

/** The VM's health according to vSphere: overallStatus. */
export const health: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.health,
  name: "VM Health",
  entity: entity.systemChassis,
  type: sensorType.managementHealth,
  eventType: severityType,
  states: severityStates,
  events: { assertion: 0, deassertion: 0 },
  read: ({ snapshot }) => severityOf(snapshot?.overallStatus),
};
