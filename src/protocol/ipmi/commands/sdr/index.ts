/** Commands of the SDR repository (IPMI 2.0 chapter 33), and of the device SDRs (§35.2-4). */
import type { Command } from "../../command.js";
import { getDeviceSdr, getSdr } from "./getSdr.js";
import { getSdrRepositoryAllocationInfo } from "./getSdrRepositoryAllocationInfo.js";
import { getSdrRepositoryInfo } from "./getSdrRepositoryInfo.js";
import { reserveDeviceSdrRepository, reserveSdrRepository } from "./reserveSdr.js";
import { runInitializationAgent } from "./runInitializationAgent.js";
import { getSdrRepositoryTime, setSdrRepositoryTime } from "./sdrRepositoryTime.js";

export const sdrCommands: readonly Command[] = [
  getSdrRepositoryInfo,
  getSdrRepositoryAllocationInfo,
  reserveSdrRepository,
  getSdr,
  getSdrRepositoryTime,
  setSdrRepositoryTime,
  runInitializationAgent,
  reserveDeviceSdrRepository,
  getDeviceSdr,
];
