/** Close Session (IPMI 2.0 §22.19, table 22-24). */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const invalidSessionId = 0x87;
const invalidSessionHandle = 0x88;

interface Request {
  readonly id: number;
  /** Only with session ID 0. */
  readonly handle: number | undefined;
}

const commandNumber = 0x3c;

/** What a client may still send in a session that the BMC has ended. */
export function isCloseSession(request: { readonly netFn: number; readonly command: number }): boolean {
  return request.netFn === netFn.app && request.command === commandNumber;
}

export const closeSession = defineCommand<Request>({
  netFn: netFn.app,
  command: commandNumber,
  name: "Close Session",
  section: "22.19",
  privilege: privilege.callback,
  decode: (data) => {
    requireDataLength(data, 4, 5);
    return { id: data.readUInt32LE(0), handle: data.length === 5 ? data.readUInt8(4) : undefined };
  },
  run: ({ id, handle }, { session, sessions }) => {
    if (session && id === session.id) {
      sessions.close(id);
      return undefined;
    }
    const byHandle = id === 0 && handle !== undefined;
    const target = sessions.active().find((open) => (byHandle ? open.handle === handle : open.id === id));
    if (!target) {
      throw new CompletionError(byHandle ? invalidSessionHandle : invalidSessionId, "no such session");
    }
    if (target.id !== session?.id && session?.privilege !== privilege.administrator) {
      throw new CompletionError(
        completionCode.insufficientPrivilege,
        "only an administrator may end another user's session",
      );
    }
    sessions.close(target.id);
  },
});
