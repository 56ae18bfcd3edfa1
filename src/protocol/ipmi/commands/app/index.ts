/** Commands of the BMC as a device, and of its channels and system information (IPMI 2.0 chapters 20 and 22). */
import type { Command } from "../../command.js";
import { getBmcGlobalEnables, setBmcGlobalEnables } from "./bmcGlobalEnables.js";
import { coldReset, warmReset } from "./bmcReset.js";
import { getAcpiPowerState } from "./getAcpiPowerState.js";
import { getChannelInfo } from "./getChannelInfo.js";
import { getDeviceId } from "./getDeviceId.js";
import { getDeviceGuid, getSystemGuid } from "./getGuid.js";
import { getSelfTestResults } from "./getSelfTestResults.js";
import { getSystemInfoParameters } from "./getSystemInfoParameters.js";
import { setAcpiPowerState } from "./setAcpiPowerState.js";
import { setSystemInfoParameters } from "./setSystemInfoParameters.js";

export const appCommands: readonly Command[] = [
  getDeviceId,
  coldReset,
  warmReset,
  getSelfTestResults,
  setAcpiPowerState,
  getAcpiPowerState,
  getDeviceGuid,
  setBmcGlobalEnables,
  getBmcGlobalEnables,
  getSystemGuid,
  getChannelInfo,
  setSystemInfoParameters,
  getSystemInfoParameters,
];
