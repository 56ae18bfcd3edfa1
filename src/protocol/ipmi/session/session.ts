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

/** Sends a datagram to whom one came from, from the address that was asked. */
export type Reply = (datagram: Buffer) => void;

/** A handshake message and its answer, for when the message is sent again. */
export interface Answered {
  readonly request: Buffer;
  readonly reply: Buffer;
}

/** What RAKP Message 1 settled. */
export interface KeyExchange {
  readonly exchange: RakpExchange;
  readonly user: User;
  readonly maximumPrivilege: Privilege;
  readonly sik: Buffer;
}

/** What a session is once its user has proved the password. */
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
  /** For when Open Session Request comes again. */
  openSessionResponse: Buffer;
  rakp1: Answered | undefined;
  rakp3: Answered | undefined;
  keyExchange: KeyExchange | undefined;
  /** The login has failed: retransmissions get the refusal again, anything else is ignored. */
  refused: boolean;
  /** Set with RAKP Message 3. */
  protection: SessionProtection | undefined;
  /** The last sequence number sent. */
  outboundSequence: number;
}

export interface Ipmi15State {
  readonly authType: number;
  readonly user: User;
  /** 16 random bytes that Activate Session has to bring back. */
  readonly challenge: Buffer;
  /** The Activate Session that made the session, for when it is sent again. */
  activated: Answered | undefined;
  /** The sequence number of the next message to the console. */
  outboundSequence: number;
}

export interface Session {
  /** Managed system session ID. */
  readonly id: number;
  readonly state: ({ readonly protocol: "rmcpPlus" } & RmcpPlusState) | ({ readonly protocol: "ipmi15" } & Ipmi15State);
  remote: Remote;
  lastUsed: number;
  active: ActiveSession | undefined;
  /** The BMC has ended it: until then, ms, its client may still say Close Session, and nothing else. */
  dismissedUntil?: number;
}
