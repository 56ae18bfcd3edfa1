/** Get Command Support (IPMI 2.0 §21.3, table 21-3): a bit is 0 for each supported command. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { type CommandRange, decodeCommandRange, maskOfCommands } from "./commandMask.js";

export const getCommandSupport = defineCommand<CommandRange, Buffer>({
  netFn: netFn.app,
  command: 0x0a,
  name: "Get Command Support",
  section: "21.3",
  privilege: privilege.user,
  decode: decodeCommandRange,
  run: (range, { commands }) => maskOfCommands(commands, range),
  encode: (mask) => Buffer.from(mask.map((bits) => ~bits)),
});
