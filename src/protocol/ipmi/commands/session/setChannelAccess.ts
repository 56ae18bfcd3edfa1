/** Set Channel Access (IPMI 2.0 §22.22, table 22-28). */
import type { ChannelAccess } from "../../../../model/bmc/lan/channel.js";
import { resolveAnyChannel, serialChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { accessBits, accessModeMask, selectSettings, serialAccess, type Settings } from "./channelAccessBits.js";

const accessModeNotSupported = 0x83;
const alwaysAvailable = 2;
const shared = 3;
const oemLevel = 5;

/** The requested change and its target; a byte that is not to be set changes nothing. */
type Request = Readonly<Record<Settings, Partial<ChannelAccess>>>;

/** This is the BMC's only channel: any setting that would lock out administrators, or admit others, is refused. */
export const setChannelAccess = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x40,
  name: "Set Channel Access",
  section: "22.22",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3);
    const [channel = 0, access = 0, limit = 0] = data;
    if (resolveAnyChannel(channel) === serialChannel) {
      requireSerialAccess(access, limit);
      return { nonVolatile: {}, volatile: {} };
    }
    const accessFor = selectSettings(access);
    const limitFor = selectSettings(limit);
    const accessChange = accessFor && decodeAccess(access);
    const limitChange = limitFor && decodeLimit(limit);
    const changeOf = (settings: Settings): Partial<ChannelAccess> => ({
      ...(accessFor === settings && accessChange),
      ...(limitFor === settings && limitChange),
    });
    return { nonVolatile: changeOf("nonVolatile"), volatile: changeOf("volatile") };
  },
  run: async (request, { bmc: { channel } }) => {
    // If the disk cannot store it, nothing changes.
    if (Object.keys(request.nonVolatile).length > 0) {
      await channel.setNonVolatile(request.nonVolatile);
    }
    channel.setActive(request.volatile);
  },
});

/** The serial channel keeps what it has: a tool may write back what it has read. */
function requireSerialAccess(access: number, limit: number): void {
  const isSame =
    selectSettings(access) === undefined ||
    ((access & accessModeMask) === serialAccess.accessMode && (access & accessBits.alertingDisabled) !== 0);
  if (!isSame || (selectSettings(limit) !== undefined && (limit & 0x0f) !== serialAccess.privilegeLimit)) {
    throw new CompletionError(accessModeNotSupported, "no IPMI messages come by the serial port");
  }
}

function decodeAccess(byte: number): Partial<ChannelAccess> {
  const accessMode = byte & accessModeMask;
  if (accessMode > shared) {
    throw invalidField(`access mode ${accessMode} is reserved`);
  }
  if (accessMode !== alwaysAvailable && accessMode !== shared) {
    throw new CompletionError(accessModeNotSupported, "this would make the BMC unreachable: it has no other channel");
  }
  // User level authentication must be refused with this code if it is not optional (§22.22).
  if ((byte & (accessBits.perMessageAuthenticationDisabled | accessBits.userLevelAuthenticationDisabled)) !== 0) {
    throw invalidField("authentication cannot be disabled");
  }
  return { accessMode, alerting: (byte & accessBits.alertingDisabled) === 0 };
}

function decodeLimit(byte: number): Partial<ChannelAccess> {
  const privilegeLimit = byte & 0x0f;
  if (privilegeLimit === privilege.none || privilegeLimit > oemLevel) {
    throw invalidField(`channel privilege level limit ${privilegeLimit} is reserved`);
  }
  if (privilegeLimit < privilege.administrator) {
    throw new CompletionError(
      completionCode.notSupportedInPresentState,
      "no user could administer the BMC afterwards: limit users or cipher suites instead",
    );
  }
  return { privilegeLimit };
}
