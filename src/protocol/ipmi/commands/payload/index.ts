/** Payload commands (IPMI 2.0 chapter 24), except the per-user ones. */
import type { Command } from "../../command.js";
import { activatePayload } from "./activatePayload.js";
import { deactivatePayload } from "./deactivatePayload.js";
import { getChannelPayloadSupport } from "./getChannelPayloadSupport.js";
import { getChannelPayloadVersion } from "./getChannelPayloadVersion.js";
import { getPayloadActivationStatus } from "./getPayloadActivationStatus.js";
import { getPayloadInstanceInfo } from "./getPayloadInstanceInfo.js";
import { suspendResumePayloadEncryption } from "./suspendResumePayloadEncryption.js";

export const payloadCommands: readonly Command[] = [
  activatePayload,
  deactivatePayload,
  suspendResumePayloadEncryption,
  getPayloadActivationStatus,
  getPayloadInstanceInfo,
  getChannelPayloadSupport,
  getChannelPayloadVersion,
];
