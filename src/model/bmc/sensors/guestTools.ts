/** The sensor of VMware Tools (IPMI 2.0 table 42-2, availability). */
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Generic event/reading type 0Ah, availability (table 42-2). */
const availability = 0x0a;
const running = 0x01;
const offLine = 0x10;

/** VMware Tools in the guest. */
export const guestTools: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.guestTools,
  name: "VMware Tools",
  entity: entity.managementSoftware,
  type: sensorType.managementHealth,
  eventType: availability,
  states: running | offLine,
  events: { assertion: 0, deassertion: 0 },
  read: ({ snapshot }) => {
    if (snapshot?.powerState !== "poweredOn" || snapshot.toolsRunning === undefined) {
      return undefined;
    }
    return snapshot.toolsRunning ? running : offLine;
  },
};
