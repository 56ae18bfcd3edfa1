/** The command table: every IPMI command that this BMC supports. */
import type { Command } from "../command.js";
import { appCommands } from "./app/index.js";
import { chassisCommands } from "./chassis/index.js";
import { dcmiCommands } from "./dcmi/index.js";
import { discoveryCommands } from "./discovery/index.js";
import { fruCommands } from "./fru/index.js";
import { payloadCommands } from "./payload/index.js";
import { pefCommands } from "./pef/index.js";
import { sdrCommands } from "./sdr/index.js";
import { selCommands } from "./sel/index.js";
import { sensorCommands } from "./sensor/index.js";
import { sessionCommands } from "./session/index.js";
import { transportCommands } from "./transport/index.js";
import { userCommands } from "./users/index.js";
import { watchdogCommands } from "./watchdog/index.js";

export const commands: readonly Command[] = [
  ...appCommands,
  ...discoveryCommands,
  ...watchdogCommands,
  ...sessionCommands,
  ...userCommands,
  ...payloadCommands,
  ...chassisCommands,
  ...selCommands,
  ...sdrCommands,
  ...sensorCommands,
  ...pefCommands,
  ...fruCommands,
  ...dcmiCommands,
  ...transportCommands,
];
