/** The sensor of the event log's fill level (IPMI 2.0 table 42-3, type 10h). */
import { selCapacity } from "../../sel/sel.js";
import { sensorSpecific } from "../../sel/systemEvent.js";
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

const logCleared = 0x04;
const full = 0x10;
const almostFull = 0x20;

/** Event Logging Disabled (table 42-3, 10h): how full the SEL is; when it is full, new records replace the oldest. */
export const eventLog: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.eventLog,
  name: "SEL",
  entity: entity.systemManagementModule,
  type: sensorType.eventLoggingDisabled,
  eventType: sensorSpecific,
  states: full | almostFull,
  events: { assertion: logCleared, deassertion: 0 },
  read: ({ sel }) => {
    const count = sel.count();
    return count >= selCapacity ? full : count >= selCapacity * 0.9 ? almostFull : 0;
  },
};
