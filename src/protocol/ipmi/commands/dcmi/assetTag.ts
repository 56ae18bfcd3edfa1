/** Get and Set Asset Tag (DCMI 1.5 §6.4.2-3): the asset tag of the FRU inventory. */
import { maxAssetTagLength } from "../../../../model/bmc/identity/asset.js";
import { defineCommand } from "../../command.js";
import { privilege } from "../../privilege.js";
import { dcmiGroup } from "./dcmiCommand.js";
import { decodePiece, decodeWrittenPiece, type Piece, withPiece, type WrittenPiece } from "./text.js";

export const getAssetTag = defineCommand<Piece, { length: number; bytes: Buffer }>({
  ...dcmiGroup,
  command: 0x06,
  name: "Get Asset Tag",
  section: "DCMI 1.5 §6.4.2",
  privilege: privilege.user,
  decode: (data) => decodePiece(data, maxAssetTagLength),
  run: ({ offset, count }, { bmc }) => {
    const tag = bmc.asset.tag();
    return { length: tag.length, bytes: tag.subarray(offset, offset + count) };
  },
  encode: ({ length, bytes }) => Buffer.concat([Buffer.from([length]), bytes]),
});

export const setAssetTag = defineCommand<WrittenPiece, number>({
  ...dcmiGroup,
  command: 0x08,
  name: "Set Asset Tag",
  section: "DCMI 1.5 §6.4.3",
  privilege: privilege.operator,
  decode: (data) => decodeWrittenPiece(data, maxAssetTagLength),
  run: async (piece, { bmc }) => {
    const tag = withPiece(bmc.asset.tag(), piece);
    await bmc.asset.setTag(tag);
    return tag.length;
  },
  encode: (length) => Buffer.from([length]),
});
