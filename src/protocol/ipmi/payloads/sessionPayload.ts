/** A row of the payload table: one payload type of RMCP+ inside a session (IPMI 2.0 §13.27.3). */
import type { Answerer } from "../answerer.js";
import type { ActiveSession, Remote, Session } from "../session/session.js";

export interface SessionPayload {
  readonly type: number;
  /** Receives a verified, decrypted payload of the session. Throws MalformedPacketError. */
  readonly receive: (payload: Buffer, source: PayloadSource, services: PayloadServices) => void;
}

/** The source of a payload. */
export interface PayloadSource {
  readonly remote: Remote;
  readonly session: Session;
  readonly active: ActiveSession;
  /**
   * Seals a payload of the same type for the session and sends it to `remote`, from the address that received the
   * packet. It can be used as long as the session is open: a payload type that sends without a request uses that of the
   * last packet.
   */
  readonly send: (payload: Buffer) => void;
}

export interface PayloadServices {
  readonly answer: Answerer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
