/** The sensor of a question that blocks the VM. */
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";
import { severityStates, severityType } from "./severity.js";

const ok = 0x01;
const critical = 0x04;

/** Whether a question blocks the VM: commands have no effect until it is answered. */
export const question: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.question,
  name: "VM Question",
  entity: entity.managementSoftware,
  type: sensorType.managementHealth,
  eventType: severityType,
  states: severityStates,
  events: { assertion: ok | critical, deassertion: 0 },
  read: ({ snapshot }) => snapshot && (snapshot.question ? critical : ok),
};
