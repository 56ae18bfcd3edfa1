/** Commands of the transport network function (IPMI 2.0 chapters 23, 25 and 26). */
import type { Command } from "../../command.js";
import { getIpUdpRmcpStatistics } from "./getIpUdpRmcpStatistics.js";
import { getLanConfigurationParameters } from "./getLanConfigurationParameters.js";
import { getSerialModemConfiguration } from "./getSerialModemConfiguration.js";
import { getSolConfigurationParameters } from "./getSolConfigurationParameters.js";
import { setLanConfigurationParameters } from "./setLanConfigurationParameters.js";
import { setSerialModemConfiguration } from "./setSerialModemConfiguration.js";
import { setSolConfigurationParameters } from "./setSolConfigurationParameters.js";
import { suspendBmcArps } from "./suspendBmcArps.js";

export const transportCommands: readonly Command[] = [
  setLanConfigurationParameters,
  getLanConfigurationParameters,
  suspendBmcArps,
  getIpUdpRmcpStatistics,
  setSerialModemConfiguration,
  getSerialModemConfiguration,
  setSolConfigurationParameters,
  getSolConfigurationParameters,
];
