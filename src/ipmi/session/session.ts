/** One RMCP+ session, from Open Session Request to its end. */
import type { CipherSuite } from "../../security/cipherSuites.js";
import type { SessionProtection } from "../../security/protection.js";
import type { RakpExchange } from "../../security/rakpKeys.js";
import type { User } from "../../bmc/users.js";
import type { CommandSession } from "../command.js";
import type { Privilege } from "../privilege.js";
import type { ReplyCache } from "./replyCache.js";
import type { SequenceWindow } from "./sequenceWindow.js";

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** A handshake message and its answer: the same bytes get the same answer again. */
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

/** What a session is once RAKP Message 3 proved the password. */
export interface ActiveSession extends CommandSession {
  privilege: Privilege;
  readonly protection: SessionProtection;
  readonly inbound: SequenceWindow;
  readonly replies: ReplyCache;
  /** The last sequence number sent. */
  outboundSequence: number;
}

export interface Session {
  /** Managed system session ID. */
  readonly id: number;
  /** What Get Session Info calls the session handle, 1-255. */
  readonly handle: number;
  readonly remoteConsoleSessionId: number;
  readonly suite: CipherSuite;
  /** Highest privilege that Open Session allowed. */
  readonly maximumPrivilege: Privilege;
  remote: Remote;
  lastUsed: number;
  opened: Answered | undefined;
  rakp1: Answered | undefined;
  rakp3: Answered | undefined;
  keyExchange: KeyExchange | undefined;
  active: ActiveSession | undefined;
}
