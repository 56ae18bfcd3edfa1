/** The sensor of the watchdog timer (IPMI 2.0 table 42-3, type 23h; §27). */
import { sensorSpecific } from "../../sel/systemEvent.js";
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

const preTimeoutInterrupt = 0x100;

/** Watchdog 2 (table 42-3, 23h): once the timer has expired, the state for its action. */
export const watchdog: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.watchdog,
  name: "Watchdog",
  entity: entity.systemManagementModule,
  type: sensorType.watchdog2,
  eventType: sensorSpecific,
  states: 0x0f,
  events: { assertion: 0x0f | preTimeoutInterrupt, deassertion: 0 },
  read: (known) => {
    const { expirationFlags, settings } = known.watchdog.state();
    return expirationFlags === 0 ? 0 : 1 << settings.action;
  },
};
