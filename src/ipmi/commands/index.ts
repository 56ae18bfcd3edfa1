/** The command table: every IPMI command this BMC knows. */
import type { Command } from "../command.js";
import { appCommands } from "./app/index.js";
import { chassisCommands } from "./chassis/index.js";
import { sessionCommands } from "./session/index.js";
import { transportCommands } from "./transport/index.js";
import { userCommands } from "./users/index.js";

export const commands: readonly Command[] = [
  ...appCommands,
  ...sessionCommands,
  ...userCommands,
  ...chassisCommands,
  ...transportCommands,
];
