/** Commands of the application network function (IPMI 2.0 chapters 20 to 22) but those of the session layer. */
import type { Command } from "../../command.js";
import { getChannelInfo } from "./getChannelInfo.js";
import { getDeviceId } from "./getDeviceId.js";
import { getDeviceGuid, getSystemGuid } from "./getGuid.js";
import { getSelfTestResults } from "./getSelfTestResults.js";

export const appCommands: readonly Command[] = [
  getDeviceId,
  getSelfTestResults,
  getDeviceGuid,
  getSystemGuid,
  getChannelInfo,
];
