/** Command discovery (IPMI 2.0 chapter 21): the request that its commands share, and bit masks of 128 commands. */
import { resolveChannel } from "../../channelNumber.js";
import type { Command } from "../../command.js";
import { netFn } from "../../netFn.js";
import { invalidField, requireDataLength } from "../../requestData.js";

/** Commands 00h-7Fh or 80h-FFh of one network function on one LUN. */
export interface CommandRange {
  readonly netFn: number;
  readonly first: 0x00 | 0x80;
  readonly lun: number;
  /** Only for network function 2Ch; ipmitool omits it, meaning the commands of every body. */
  readonly definingBody: number | undefined;
}

export const maskLength = 16;
const rangeLength = 3;

/** @param before the command's own bytes between the range and a defining body */
export function decodeCommandRange(data: Buffer, before = 0): CommandRange {
  requireDataLength(data, rangeLength + before, rangeLength + before + 3);
  const [channel = 0, operation = 0, lun = 0] = data;
  resolveChannel(channel);
  if (operation >> 6 > 1) {
    throw invalidField(`operation ${operation >> 6}`);
  }
  return {
    netFn: operation & 0x3e,
    first: operation >> 6 === 1 ? 0x80 : 0x00,
    lun: lun & 0x03,
    definingBody: data[rangeLength + before],
  };
}

/** A bit is 1 for each command of the range that is in the table. */
export function maskOfCommands(commands: readonly Command[], range: CommandRange): Buffer {
  const mask = Buffer.alloc(maskLength);
  const isInRange = ({ netFn: of, command, group }: Command): boolean =>
    of === range.netFn &&
    range.lun === 0 &&
    command >= range.first &&
    command < range.first + 0x80 &&
    (of !== netFn.group || range.definingBody === undefined || group === range.definingBody);
  for (const { command } of commands.filter(isInRange)) {
    const bit = command - range.first;
    mask[bit >> 3] = (mask[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return mask;
}
