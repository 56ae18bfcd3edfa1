/** One session, from its first message to its end: RMCP+ or IPMI 1.5. */
import type { User } from "../../../model/bmc/users/users.js";
import type { CipherSuite } from "../../security/cipherSuites.js";
import type { SessionProtection } from "../../security/protection.js";
import type { RakpExchange } from "../../security/rakpKeys.js";
import type { CommandSession } from "../command.js";
import type { Privilege } from "../privilege.js";
import type { ReplyCache } from "./replyCache.js";
import type { SequenceWindow } from "./sequenceWindow.js";

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** Sends a datagram to the source of a received one, from the address that received it. */
export type Reply = (datagram: Buffer) => void;

/** A handshake message and its answer, for retransmissions. */
export interface Answered {
  readonly request: Buffer;
  readonly reply: Buffer;
}

/** The result of RAKP Message 1. */
export interface KeyExchange {
  readonly exchange: RakpExchange;
  readonly user: User;
  readonly maximumPrivilege: Privilege;
  readonly sik: Buffer;
}

/** The state of a session once its user has proved the password. */
export interface ActiveSession extends CommandSession {
  privilege: Privilege;
  readonly inbound: SequenceWindow;
  readonly replies: ReplyCache;
}

export interface RmcpPlusState {
  readonly remoteConsoleSessionId: number;
  readonly suite: CipherSuite;
  /** Highest privilege that Open Session allowed. */
  readonly maximumPrivilege: Privilege;
  /** For a retransmitted Open Session Request. */
  openSessionResponse: Buffer;
  rakp1: Answered | undefined;
  rakp3: Answered | undefined;
  keyExchange: KeyExchange | undefined;
  /** The login failed: retransmissions are refused again, anything else is ignored. */
  refused: boolean;
  /** Set by RAKP Message 3. */
  protection: SessionProtection | undefined;
  /** The last sequence number sent. */
  outboundSequence: number;
}

export interface Ipmi15State {
  readonly authType: number;
  readonly user: User;
  /** 16 random bytes that Activate Session must return. */
  readonly challenge: Buffer;
  /** The Activate Session that opened the session, for retransmissions. */
  activated: Answered | undefined;
  /** The sequence number of the next message to the console. */
  outboundSequence: number;
}

/** How a session ended: by its client or an administrator, after inactivity, for another one's sake, or with the BMC. */
export type SessionEnd = "closed" | "timedOut" | "evicted" | "dismissed";

export interface Session {
  /** Managed system session ID. */
  readonly id: number;
  readonly state: ({ readonly protocol: "rmcpPlus" } & RmcpPlusState) | ({ readonly protocol: "ipmi15" } & Ipmi15State);
  remote: Remote;
  /** That of the last verified packet, for what is sent without a request. */
  reply?: Reply;
  /** Time of the last use, ms. */
  lastUsed: number;
  /** Its number among the uses of all sessions: a millisecond may have several. */
  lastUse: number;
  active: ActiveSession | undefined;
  /** The BMC has ended it: until then, ms, its client may only send Close Session. */
  dismissedUntil?: number;
}
