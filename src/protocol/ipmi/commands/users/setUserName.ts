/** Set User Name (IPMI 2.0 §22.28, table 22-34). */
import { maxNameLength } from "../../../../model/bmc/users/user.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { changeUser } from "./changeUser.js";
import { decodeUserId } from "./userId.js";

export const setUserName = defineCommand<{ id: number; name: string }>({
  netFn: netFn.app,
  command: 0x45,
  name: "Set User Name",
  section: "22.28",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 1 + maxNameLength);
    const field = data.subarray(1);
    const end = field.indexOf(0);
    const bytes = end < 0 ? field : field.subarray(0, end);
    const name = bytes.toString();
    if (!Buffer.from(name).equals(bytes)) {
      throw invalidField("a user name that is not UTF-8");
    }
    return { id: decodeUserId(data.readUInt8(0)), name };
  },
  run: ({ id, name }, context) => changeUser(id, { name }, context),
});
