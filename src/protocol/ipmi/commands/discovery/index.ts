/**
 * Command discovery (IPMI 2.0 chapter 21). No command has sub-functions that could be reported or configured
 * separately.
 */
import type { Command } from "../../command.js";
import { getCommandEnables, setCommandEnables } from "./commandEnables.js";
import { getCommandSupport } from "./getCommandSupport.js";
import { getConfigurableCommands } from "./getConfigurableCommands.js";
import { getNetFnSupport } from "./getNetFnSupport.js";

export const discoveryCommands: readonly Command[] = [
  getNetFnSupport,
  getCommandSupport,
  getConfigurableCommands,
  setCommandEnables,
  getCommandEnables,
];
