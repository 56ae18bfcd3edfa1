/** Get Session Challenge (IPMI 2.0 §22.16, table 22-20). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

interface Request {
  readonly authType: number;
  /** Without the padding. */
  readonly name: Buffer;
}

export const getSessionChallenge = defineCommand<Request, { temporarySessionId: number; challenge: Buffer }>({
  netFn: netFn.app,
  command: 0x39,
  name: "Get Session Challenge",
  section: "22.16",
  privilege: privilege.none,
  decode: (data) => {
    requireDataLength(data, 17);
    const field = data.subarray(1);
    const end = field.indexOf(0);
    return { authType: data.readUInt8(0) & 0x0f, name: end < 0 ? field : field.subarray(0, end) };
  },
  run: ({ authType, name }, { ipmi15Login }) => ipmi15Login().challenge(authType, name),
  encode: ({ temporarySessionId, challenge }) => {
    const data = Buffer.alloc(20);
    data.writeUInt32LE(temporarySessionId, 0);
    data.set(challenge, 4);
    return data;
  },
});
