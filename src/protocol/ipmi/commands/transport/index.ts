/** Commands of the transport network function (IPMI 2.0 chapter 23). */
import type { Command } from "../../command.js";
import { getIpUdpRmcpStatistics } from "./getIpUdpRmcpStatistics.js";
import { getLanConfigurationParameters } from "./getLanConfigurationParameters.js";
import { setLanConfigurationParameters } from "./setLanConfigurationParameters.js";
import { suspendBmcArps } from "./suspendBmcArps.js";

export const transportCommands: readonly Command[] = [
  setLanConfigurationParameters,
  getLanConfigurationParameters,
  suspendBmcArps,
  getIpUdpRmcpStatistics,
];
