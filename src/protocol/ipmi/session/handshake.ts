/** Open Session and RAKP (IPMI 2.0 §13.15-23), on the managed system's side: one file for each pair of messages. */
import type { HandshakeContext } from "./handshake/context.js";
import { answerOpenSession } from "./handshake/openSession.js";
import { answerRakp1 } from "./handshake/rakp1.js";
import { answerRakp3 } from "./handshake/rakp3.js";
import type { Remote } from "./session.js";

/** Each handler maps a payload to the payload of the answer; undefined: no answer. They throw MalformedPacketError. */
export interface Handshake {
  readonly openSession: (payload: Buffer, remote: Remote) => Buffer | undefined;
  readonly rakp1: (payload: Buffer, remote: Remote) => Buffer | undefined;
  readonly rakp3: (payload: Buffer, remote: Remote) => Buffer | undefined;
}

export function createHandshake(context: HandshakeContext): Handshake {
  return {
    openSession: (payload, remote) => answerOpenSession(context, payload, remote),
    rakp1: (payload, remote) => answerRakp1(context, payload, remote),
    rakp3: (payload, remote) => answerRakp3(context, payload, remote),
  };
}
