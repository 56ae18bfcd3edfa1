/** Commands of the chassis network function (IPMI 2.0 chapter 28). */
import type { Command } from "../../command.js";
import { chassisControl } from "./chassisControl.js";
import { chassisIdentify } from "./chassisIdentify.js";
import { getChassisCapabilities } from "./getChassisCapabilities.js";
import { getChassisStatus } from "./getChassisStatus.js";
import { getPohCounter } from "./getPohCounter.js";
import { getSystemRestartCause } from "./getSystemRestartCause.js";
import { setChassisCapabilities } from "./setChassisCapabilities.js";
import { setPowerCycleInterval } from "./setPowerCycleInterval.js";
import { setPowerRestorePolicy } from "./setPowerRestorePolicy.js";
import { getSystemBootOptions, setSystemBootOptions } from "./systemBootOptions.js";

export const chassisCommands: readonly Command[] = [
  getChassisCapabilities,
  getChassisStatus,
  chassisControl,
  chassisIdentify,
  setChassisCapabilities,
  setPowerRestorePolicy,
  getSystemRestartCause,
  setSystemBootOptions,
  getSystemBootOptions,
  setPowerCycleInterval,
  getPohCounter,
];
