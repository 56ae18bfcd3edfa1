/** All sensors of a BMC, in the order of their records: append new ones, so that record IDs do not change. */
import { acpiState } from "./acpiState.js";
import { cpuUsage } from "./cpuUsage.js";
import { cpuUsageMhz } from "./cpuUsageMhz.js";
import { diskRate } from "./diskRate.js";
import { eventLog } from "./eventLogging.js";
import { eventSensors } from "./eventSensors.js";
import { guestHeartbeat } from "./guestHeartbeat.js";
import { guestTools } from "./guestTools.js";
import { health } from "./health.js";
import { memoryActive } from "./memoryActive.js";
import { memoryConsumed } from "./memoryConsumed.js";
import { networkRate } from "./networkRate.js";
import { powerConsumption } from "./powerConsumption.js";
import { powerUnit } from "./powerUnit.js";
import { question } from "./question.js";
import type { Sensor } from "./sensor.js";
import { uptime } from "./uptime.js";
import { watchdog } from "./watchdog.js";

export const sensors: readonly Sensor[] = [
  powerUnit,
  acpiState,
  health,
  guestHeartbeat,
  guestTools,
  watchdog,
  eventLog,
  cpuUsage,
  cpuUsageMhz,
  memoryActive,
  memoryConsumed,
  uptime,
  diskRate,
  networkRate,
  powerConsumption,
  ...eventSensors,
  question,
];
