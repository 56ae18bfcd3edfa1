/** Commands of the session layer (IPMI 2.0 §22.13-25). */
import type { Command } from "../../command.js";
import { activateSession } from "./activateSession.js";
import { closeSession } from "./closeSession.js";
import { getChannelAccess } from "./getChannelAccess.js";
import { getChannelAuthenticationCapabilities } from "./getChannelAuthenticationCapabilities.js";
import { getChannelCipherSuites } from "./getChannelCipherSuites.js";
import { getSessionChallenge } from "./getSessionChallenge.js";
import { getSessionInfo } from "./getSessionInfo.js";
import { setChannelAccess } from "./setChannelAccess.js";
import { setChannelSecurityKeys } from "./setChannelSecurityKeys.js";
import { setSessionPrivilegeLevel } from "./setSessionPrivilegeLevel.js";

export const sessionCommands: readonly Command[] = [
  getChannelAuthenticationCapabilities,
  getChannelCipherSuites,
  getSessionChallenge,
  activateSession,
  setSessionPrivilegeLevel,
  closeSession,
  getSessionInfo,
  setChannelAccess,
  getChannelAccess,
  setChannelSecurityKeys,
];
