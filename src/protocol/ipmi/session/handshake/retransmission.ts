/** Answers to retransmitted handshake messages, and to those without a session (IPMI 2.0 §13.21, §13.23). */
import { encodeRakpStatus } from "../../../rmcp/rakp.js";
import { rmcpPlusStatus } from "../../../rmcp/statusCode.js";
import type { Answered } from "../session.js";

/**
 * The earlier answer to the same message, with the current tag: FreeIPMI increments the tag, the first byte of a
 * message and of its answer, with each try, and only accepts the answer to the last one.
 */
export function answerAgain(answered: Answered | undefined, payload: Buffer): Buffer | undefined {
  if (!answered?.request.subarray(1).equals(payload.subarray(1))) {
    return undefined;
  }
  const reply = Buffer.from(answered.reply);
  reply.set(payload.subarray(0, 1));
  return reply;
}

/** Without the Open Session Request the console's session ID is unknown, so the answer has 0 (§13.21, §13.23). */
export function unknownSession(tag: number): Buffer {
  return encodeRakpStatus({ tag, status: rmcpPlusStatus.invalidSessionId, sessionId: 0 });
}
