/** Get Configurable Commands (IPMI 2.0 §21.5, table 21-5): none; access depends on privilege levels only. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { type CommandRange, decodeCommandRange, maskLength } from "./commandMask.js";

export const getConfigurableCommands = defineCommand<CommandRange>({
  netFn: netFn.app,
  command: 0x0c,
  name: "Get Configurable Commands",
  section: "21.5",
  privilege: privilege.user,
  decode: decodeCommandRange,
  encode: () => Buffer.alloc(maskLength),
});
