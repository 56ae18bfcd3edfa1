/** Commands of the Data Center Manageability Interface (DCMI 1.5 chapter 6): group extension DCh. */
import type { Command } from "../../command.js";
import { getAssetTag, setAssetTag } from "./assetTag.js";
import { getDcmiCapabilitiesInfo } from "./capabilities.js";
import { getDcmiConfigurationParameters, setDcmiConfigurationParameters } from "./configurationParameters.js";
import { getControllerId, setControllerId } from "./controllerId.js";
import { activatePowerLimit, getPowerLimit, setPowerLimit } from "./powerLimit.js";
import { getPowerReading } from "./powerReading.js";
import { getDcmiSensorInfo, getTemperatureReadings } from "./sensorInfo.js";
import { getThermalLimit, setThermalLimit } from "./thermalLimit.js";

export const dcmiCommands: readonly Command[] = [
  getDcmiCapabilitiesInfo,
  getPowerReading,
  getPowerLimit,
  setPowerLimit,
  activatePowerLimit,
  getAssetTag,
  getDcmiSensorInfo,
  setAssetTag,
  getControllerId,
  setControllerId,
  setThermalLimit,
  getThermalLimit,
  getTemperatureReadings,
  setDcmiConfigurationParameters,
  getDcmiConfigurationParameters,
];
