/** The sensor of the guest's heartbeat (IPMI 2.0 table 42-2, severity). */
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";
import { severityOf, severityStates, severityType } from "./severity.js";

/** The guest's heartbeat, as reported by VMware Tools: none while the VM is off or Tools are missing. */
export const guestHeartbeat: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.guestHeartbeat,
  name: "Guest Heartbeat",
  entity: entity.operatingSystem,
  type: sensorType.managementHealth,
  eventType: severityType,
  states: severityStates,
  events: { assertion: 0, deassertion: 0 },
  read: ({ snapshot }) =>
    snapshot?.powerState === "poweredOn" ? severityOf(snapshot.guestHeartbeatStatus) : undefined,
};
