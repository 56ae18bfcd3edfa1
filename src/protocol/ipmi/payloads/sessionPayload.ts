/** What a row of the payload table is: one payload type of RMCP+ inside a session (IPMI 2.0 §13.27.3). */
import type { Answerer } from "../answerer.js";
import type { ActiveSession, Remote, Session } from "../session/session.js";

export interface SessionPayload {
  readonly type: number;
  /** A payload that is verified, decrypted and its session's own. Throws MalformedPacketError. */
  readonly receive: (payload: Buffer, source: PayloadSource, services: PayloadServices) => void;
}

/** Where a payload came from. */
export interface PayloadSource {
  readonly remote: Remote;
  readonly session: Session;
  readonly active: ActiveSession;
  /**
   * Seals a payload of the same type for the session and sends it to `remote`, from the address that was asked. It stays
   * good for as long as the session: a payload that sends without a request keeps that of the last packet.
   */
  readonly send: (payload: Buffer) => void;
}

export interface PayloadServices {
  readonly answer: Answerer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
