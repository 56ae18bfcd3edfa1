/** Commands of the transport network function (IPMI 2.0 chapter 23). */
import type { Command } from "../../command.js";
import { getLanConfigurationParameters } from "./getLanConfigurationParameters.js";

export const transportCommands: readonly Command[] = [getLanConfigurationParameters];
