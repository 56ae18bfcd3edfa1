/** Set Channel Access (IPMI 2.0 §22.22, table 22-28). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { CompletionError, completionCode } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { encodeNothing, invalidField, requireDataLength } from "../../requestData.js";

const accessModeNotSupported = 0x83;
const alertingDisabled = 0x20;
const perMessageAuthenticationDisabled = 0x10;
const userLevelAuthenticationDisabled = 0x08;

interface Request {
  /** undefined: not to be set. */
  readonly access: number | undefined;
  readonly privilegeLimit: number | undefined;
}

/** It is the BMC's only channel: whatever would shut administrators out, or let others in, is refused. */
export const setChannelAccess = defineCommand<Request, undefined>({
  netFn: netFn.app,
  command: 0x40,
  name: "Set Channel Access",
  section: "22.22",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3);
    const [channel = 0, access = 0, limit = 0] = data;
    resolveChannel(channel);
    return {
      access: isSet(access) ? access & 0x3f : undefined,
      privilegeLimit: isSet(limit) ? limit & 0x0f : undefined,
    };
  },
  run: ({ access, privilegeLimit }, { bmc }) => {
    if (access !== undefined && (access & 0x07) !== bmc.channel.accessMode) {
      throw new CompletionError(accessModeNotSupported, "a LAN channel that is always available is the only kind here");
    }
    if (access !== undefined && (access & (perMessageAuthenticationDisabled | userLevelAuthenticationDisabled)) !== 0) {
      throw invalidField("authentication cannot be disabled");
    }
    if (access !== undefined && (access & alertingDisabled) === 0) {
      throw invalidField("there is no LAN alerting to enable");
    }
    if (privilegeLimit !== undefined && privilegeLimit !== bmc.channel.privilegeLimit) {
      throw new CompletionError(
        completionCode.notSupportedInPresentState,
        "nobody could administer the BMC afterwards: limit users or cipher suites instead",
      );
    }
    return undefined;
  },
  encode: encodeNothing,
});

/** Bits [7:6]: 1 sets the non-volatile, 2 the volatile value. */
function isSet(byte: number): boolean {
  const selection = byte >> 6;
  if (selection > 2) {
    throw invalidField("neither volatile nor non-volatile settings");
  }
  return selection !== 0;
}
