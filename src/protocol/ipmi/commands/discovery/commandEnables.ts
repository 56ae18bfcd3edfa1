/**
 * Set and Get Command Enables (IPMI 2.0 §21.7-8, tables 21-7 and 21-8): all existing commands are enabled permanently.
 */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField } from "../../requestData.js";
import { type CommandRange, decodeCommandRange, maskLength, maskOfCommands } from "./commandMask.js";

export const setCommandEnables = defineCommand<{ range: CommandRange; mask: Buffer }>({
  netFn: netFn.app,
  command: 0x60,
  name: "Set Command Enables",
  section: "21.7",
  privilege: privilege.administrator,
  decode: (data) => ({ range: decodeCommandRange(data, maskLength), mask: data.subarray(3, 3 + maskLength) }),
  run: ({ range, mask }, { commands }) => {
    if (!mask.equals(maskOfCommands(commands, range))) {
      throw invalidField("commands cannot be enabled or disabled");
    }
  },
});

export const getCommandEnables = defineCommand<CommandRange, Buffer>({
  netFn: netFn.app,
  command: 0x61,
  name: "Get Command Enables",
  section: "21.8",
  privilege: privilege.user,
  decode: decodeCommandRange,
  run: (range, { commands }) => maskOfCommands(commands, range),
  encode: (mask) => mask,
});
