/** Packets inside a session: verified and decrypted when received, sealed when sent (IPMI 2.0 §13.28-29). */
import { MalformedPacketError } from "../../rmcp/malformedPacketError.js";
import { encodeRmcpPlusWrapper, integrityProtectedPart, type RmcpPlusPacket } from "../../rmcp/rmcpPlusWrapper.js";
import type { SessionProtection } from "../../security/protection.js";
import type { SequenceWindow } from "./sequenceWindow.js";
import type { RmcpPlusState } from "./session.js";

/**
 * The plain payload of a packet that belongs to the session and is not a duplicate; throws MalformedPacketError
 * otherwise.
 */
export function openPayload(packet: RmcpPlusPacket, protection: SessionProtection, inbound: SequenceWindow): Buffer {
  if (packet.authenticated !== protection.authenticated || packet.encrypted !== protection.encrypted) {
    throw new MalformedPacketError("the packet lacks the protection that the session's cipher suite requires");
  }
  if (protection.authenticated) {
    const covered = integrityProtectedPart(packet, protection.authCodeLength);
    if (!protection.verify(covered, packet.body.subarray(covered.length))) {
      throw new MalformedPacketError("wrong AuthCode");
    }
  }
  // Only after the AuthCode: strangers must not be able to move the window (§6.12.13).
  if (!inbound.accept(packet.sequence)) {
    throw new MalformedPacketError(`session sequence number ${packet.sequence} is a duplicate or outside the window`);
  }
  const payload = protection.cipher.decrypt(packet.payload);
  if (!payload) {
    throw new MalformedPacketError("invalid confidentiality padding (§13.29)");
  }
  return payload;
}

/** How the BMC protects what it sends in a session; Activate Payload chooses it for SOL (§24.1). */
export type OutboundProtection = Pick<SessionProtection, "authenticated" | "encrypted">;

/** A complete datagram with a payload of this type for the remote console. */
export function sealPayload(
  type: number,
  payload: Buffer,
  state: RmcpPlusState,
  protection: SessionProtection,
  { authenticated, encrypted }: OutboundProtection = protection,
): Buffer {
  // §13.6: numbers start at 1, and 0 is skipped when they wrap.
  state.outboundSequence = state.outboundSequence === 0xffff_ffff ? 1 : state.outboundSequence + 1;
  const header = {
    payloadType: type,
    encrypted,
    sessionId: state.remoteConsoleSessionId,
    sequence: state.outboundSequence,
  };
  return encodeRmcpPlusWrapper(
    header,
    encrypted ? protection.cipher.encrypt(payload) : payload,
    authenticated ? protection : undefined,
  );
}
