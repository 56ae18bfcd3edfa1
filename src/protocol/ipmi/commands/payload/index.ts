/** Payload commands (IPMI 2.0 chapter 24), except the per-user ones. */
import type { Command } from "../../command.js";
import { getChannelPayloadSupport } from "./getChannelPayloadSupport.js";
import { getChannelPayloadVersion } from "./getChannelPayloadVersion.js";
import { getPayloadActivationStatus } from "./getPayloadActivationStatus.js";
import { getPayloadInstanceInfo } from "./getPayloadInstanceInfo.js";

export const payloadCommands: readonly Command[] = [
  getPayloadActivationStatus,
  getPayloadInstanceInfo,
  getChannelPayloadSupport,
  getChannelPayloadVersion,
];
