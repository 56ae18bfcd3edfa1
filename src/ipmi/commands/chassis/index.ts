/** Commands of the chassis network function (IPMI 2.0 chapter 28). */
import type { Command } from "../../command.js";
import { chassisControl } from "./chassisControl.js";
import { getChassisCapabilities } from "./getChassisCapabilities.js";
import { getChassisStatus } from "./getChassisStatus.js";
import { getSystemBootOptions, setSystemBootOptions } from "./systemBootOptions.js";

export const chassisCommands: readonly Command[] = [
  getChassisCapabilities,
  getChassisStatus,
  chassisControl,
  setSystemBootOptions,
  getSystemBootOptions,
];
