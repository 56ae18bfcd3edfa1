/** Set Session Privilege Level (IPMI 2.0 §22.18, table 22-23). */
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { type Privilege, privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const levelNotAvailable = 0x80;
const levelExceedsLimit = 0x81;

export const setSessionPrivilegeLevel = defineCommand<number, Privilege>({
  netFn: netFn.app,
  command: 0x3b,
  name: "Set Session Privilege Level",
  section: "22.18",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    const level = data.readUInt8(0) & 0x0f;
    if (level === privilege.callback || level > 5) {
      throw invalidField(`privilege level ${level}`);
    }
    return level;
  },
  run: (level, { session }) => {
    if (!session) {
      throw invalidField("no session");
    }
    // Level 0 queries the current level.
    if (level !== privilege.none) {
      if (level > privilege.administrator) {
        throw new CompletionError(levelNotAvailable, "the OEM level is not supported");
      }
      if (level > session.maximumPrivilege) {
        throw new CompletionError(levelExceedsLimit, `privilege level ${level} exceeds the limit of the session`);
      }
      session.privilege = level as Privilege;
    }
    return session.privilege;
  },
  encode: (level) => Buffer.from([level]),
});
