/**
 * IPMI messages inside a session: each request is executed once and answered, however often it is retransmitted
 * (§6.10).
 */
import { MalformedPacketError } from "../../rmcp/malformedPacketError.js";
import { decodeBmcRequest, encodeNodeBusy } from "../answerer.js";
import { isCloseSession } from "../commands/session/closeSession.js";
import type { PayloadServices, PayloadSource } from "./sessionPayload.js";

/** `maxLength`: what the packet of the response can carry, bytes. Throws MalformedPacketError. */
export function receiveMessage(
  message: Buffer,
  { remote, session, active, send }: PayloadSource,
  { answer, now }: PayloadServices,
  maxLength: number,
): void {
  const earlier = active.replies.lookUp(message, now());
  if (earlier === "pending") {
    return;
  }
  if (earlier) {
    send(earlier);
    return;
  }
  const request = decodeBmcRequest(message);
  if (session.dismissedUntil !== undefined && !isCloseSession(request)) {
    throw new MalformedPacketError("the BMC has ended the session");
  }
  const remember = active.replies.begin(message);
  if (!remember) {
    send(encodeNodeBusy(request));
    return;
  }
  answer(request, { remote, session: active, maxLength }, (response) => {
    remember(response, now());
    send(response);
  });
}
