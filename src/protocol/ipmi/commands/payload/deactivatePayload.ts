/**
 * Deactivate Payload (IPMI 2.0 §24.2, table 24-4). A user who may activate it may deactivate it, even in another
 * session: otherwise a client that was killed would keep the console until its session times out.
 */
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { decodeInstanceRequest } from "./payloadTypes.js";
import { requireSolAccess } from "./solAccess.js";

const alreadyDeactivated = 0x80;

export const deactivatePayload = defineCommand({
  netFn: netFn.app,
  command: 0x49,
  name: "Deactivate Payload",
  section: "24.2",
  privilege: privilege.user,
  decode: (data) => {
    decodeInstanceRequest(data);
    return undefined;
  },
  run: (_request, context) => {
    const { session, sol } = context;
    const owner = sol.owner();
    if (!owner || owner.sessionId !== session?.id) {
      requireSolAccess(context);
    }
    if (!owner) {
      throw new CompletionError(alreadyDeactivated, "SOL is not active");
    }
    sol.deactivate(session?.id);
  },
});
