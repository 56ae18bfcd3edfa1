/** A row of the payload table: one payload type of RMCP+ inside a session (IPMI 2.0 §13.27.3). */
import type { Answerer } from "../answerer.js";
import type { ActiveSession, Remote, Session } from "../session/session.js";
import type { SolPayload } from "../sol/solPayload.js";

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
  /** Session sequence number of the packet. */
  readonly sequence: number;
  /** Seals a payload of the same type for the session and sends it to `remote`, from the address that received the packet. */
  readonly send: (payload: Buffer) => void;
}

export interface PayloadServices {
  readonly answer: Answerer;
  readonly sol: SolPayload;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
