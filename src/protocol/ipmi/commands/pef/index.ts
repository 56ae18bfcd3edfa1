/** What tools ask of Platform Event Filtering (IPMI 2.0 chapter 30), of which there is none. */
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
