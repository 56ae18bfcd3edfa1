/** Answers to handshake messages that come again, or that belong to no session (IPMI 2.0 §13.21, §13.23). */
import { encodeRakpStatus } from "../../../rmcp/rakp.js";
import { rmcpPlusStatus } from "../../../rmcp/statusCode.js";
import type { Answered } from "../session.js";

/**
 * The answer that the same message has had, under its present tag: FreeIPMI counts the tag, the first byte of a message
 * and of its answer, up with each try, and hears only the answer to the last one.
 */
export function answerAgain(answered: Answered | undefined, payload: Buffer): Buffer | undefined {
  if (!answered?.request.subarray(1).equals(payload.subarray(1))) {
    return undefined;
  }
  const reply = Buffer.from(answered.reply);
  reply.set(payload.subarray(0, 1));
  return reply;
}

/** Without its Open Session the console's session ID is unknown; 0 is what is left to answer (§13.21, §13.23). */
export function unknownSession(tag: number): Buffer {
  return encodeRakpStatus({ tag, status: rmcpPlusStatus.invalidSessionId, sessionId: 0 });
}
