/** Commands of the sensor and event network function (IPMI 2.0 chapters 29 and 35). */
import type { Command } from "../../command.js";
import { getDeviceSdrInfo } from "./getDeviceSdrInfo.js";
import { getEventReceiver } from "./getEventReceiver.js";
import { getSensorEventStatus } from "./getSensorEventStatus.js";
import { getSensorReading } from "./getSensorReading.js";
import { getSensorReadingFactors } from "./getSensorReadingFactors.js";
import { platformEventMessage } from "./platformEvent.js";
import { getSensorEventEnable, setSensorEventEnable } from "./sensorEventEnable.js";
import { getSensorHysteresis, setSensorHysteresis } from "./sensorHysteresis.js";
import { getSensorThresholds, setSensorThresholds } from "./sensorThresholds.js";
import { getSensorType, setSensorType } from "./sensorType.js";

export const sensorCommands: readonly Command[] = [
  getEventReceiver,
  platformEventMessage,
  getDeviceSdrInfo,
  getSensorReadingFactors,
  setSensorHysteresis,
  getSensorHysteresis,
  setSensorThresholds,
  getSensorThresholds,
  setSensorEventEnable,
  getSensorEventEnable,
  getSensorEventStatus,
  getSensorReading,
  setSensorType,
  getSensorType,
];
