/** Get User Name (IPMI 2.0 §22.29, table 22-35). */
import { maxNameLength } from "../../../../model/bmc/users/user.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { decodeUserId, userWithId } from "./userId.js";

export const getUserName = defineCommand<number, string>({
  netFn: netFn.app,
  command: 0x46,
  name: "Get User Name",
  section: "22.29",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1);
    return decodeUserId(data.readUInt8(0));
  },
  run: (id, context) => userWithId(id, context).name,
  encode: (name) => {
    const field = Buffer.alloc(maxNameLength);
    field.write(name);
    return field;
  },
});
