/** The commands of Platform Event Filtering (IPMI 2.0 chapter 30) that tools use; the BMC has no filters. */
import type { Command } from "../../command.js";
import { getLastProcessedEventId } from "./getLastProcessedEventId.js";
import { getPefCapabilities } from "./getPefCapabilities.js";
import { getPefConfigurationParameters, setPefConfigurationParameters } from "./pefConfigurationParameters.js";

export const pefCommands: readonly Command[] = [
  getPefCapabilities,
  setPefConfigurationParameters,
  getPefConfigurationParameters,
  getLastProcessedEventId,
];
