/** Get and Set Management Controller Identifier String (DCMI 1.5 §6.4.6). */
import { maxControllerIdLength } from "../../../../model/bmc/identity/asset.js";
import { defineCommand } from "../../command.js";
import { privilege } from "../../privilege.js";
import { dcmiGroup } from "./dcmiCommand.js";
import { decodePiece, decodeWrittenPiece, type Piece, withPiece, type WrittenPiece } from "./text.js";

/** Including the final null. */
const size = maxControllerIdLength + 1;

export const getControllerId = defineCommand<Piece, { length: number; bytes: Buffer }>({
  ...dcmiGroup,
  command: 0x09,
  name: "Get Management Controller Identifier String",
  section: "DCMI 1.5 §6.4.6.1",
  privilege: privilege.user,
  decode: (data) => decodePiece(data, size),
  run: ({ offset, count }, { bmc }) => {
    const id = bmc.asset.controllerId();
    const field = Buffer.alloc(size);
    id.copy(field);
    return { length: id.length, bytes: field.subarray(offset, offset + count) };
  },
  encode: ({ length, bytes }) => Buffer.concat([Buffer.from([length]), bytes]),
});

export const setControllerId = defineCommand<WrittenPiece, number>({
  ...dcmiGroup,
  command: 0x0a,
  name: "Set Management Controller Identifier String",
  section: "DCMI 1.5 §6.4.6.2",
  privilege: privilege.administrator,
  decode: (data) => decodeWrittenPiece(data, size),
  run: async (piece, { bmc }) => {
    const written = withPiece(bmc.asset.controllerId(), piece);
    const end = written.indexOf(0);
    // The 64th byte is always the null.
    await bmc.asset.setControllerId(written.subarray(0, end < 0 ? maxControllerIdLength : end));
    return piece.offset + piece.bytes.length;
  },
  encode: (length) => Buffer.from([length]),
});
