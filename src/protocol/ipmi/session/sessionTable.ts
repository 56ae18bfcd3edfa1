/** The sessions of one BMC: found by ID, limited in number, ended after inactivity (IPMI 2.0 §6.12.15). */
import type { Timers } from "../../../model/bmc/timers.js";
import { createOpenSessions, type OpenSession, type SessionAccess } from "./openSessions.js";
import { createPendingLogins } from "./pendingLogins.js";
import type { ActiveSession, Remote, Reply, Session, SessionEnd } from "./session.js";

export interface SessionTableOptions {
  /** Maximum open sessions, 1-255, the number of session handles. */
  readonly maxSessions: number;
  readonly sessionTimeoutMs: number;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Called for a session that timed out before its login was complete. */
  readonly onAbandoned?: (session: Session) => void;
  readonly after: Timers["after"];
}

export interface SessionTable {
  /** undefined for an unknown ID and for a session that has timed out. */
  readonly find: (id: number) => Session | undefined;
  /**
   * A verified packet arrived: only those keep a session alive. The keys prove whose packet it is, so a console whose
   * address changes (NAT) is followed (§13.6).
   */
  readonly touch: (session: Session, remote: Remote, reply: Reply) => void;
  /** Starts a login; `request` is the Open Session Request, which identifies retransmissions. */
  readonly begin: (remote: Remote, state: Session["state"], request?: Buffer) => Session;
  /** The pending login that the same request from the same socket started. */
  readonly findBegun: (request: Buffer, remote: Remote) => Session | undefined;
  /** Opens the session of a user who has proved the password; if the table is full, the longest idle one ends. */
  readonly activate: (session: Session, access: SessionAccess) => ActiveSession;
  readonly close: (id: number) => void;
  /**
   * Ends an open session, but still answers its client's Close Session: otherwise ipmitool waits 10 s for that answer.
   */
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
  /**
   * Calls `onEnd` once, when the open session ends or is dismissed; until then it does not make room for another one while
   * an unwatched one can. @returns what ends the watch
   */
  readonly watchEnd: (id: number, onEnd: (end: SessionEnd) => void) => () => void;
  /** The open sessions, the longest idle first. */
  readonly open: () => readonly OpenSession[];
  readonly capacity: number;
}

export function createSessionTable(options: SessionTableOptions): SessionTable {
  const { maxSessions, now, randomBytes } = options;
  const pending = createPendingLogins(options);
  const open = createOpenSessions(options);

  /** Random, so that strangers cannot guess a session ID; 0 means "no session". */
  function freeId(): number {
    for (;;) {
      const id = randomBytes(4).readUInt32LE();
      if (id !== 0 && !open.find(id) && !pending.find(id)) {
        return id;
      }
    }
  }

  return {
    capacity: maxSessions,
    find: (id) => {
      open.endIdle();
      return open.find(id) ?? pending.find(id);
    },
    touch: (session, remote, reply) => {
      session.remote = remote;
      session.reply = reply;
      open.touch(session);
    },
    begin: (remote, state, request) => {
      const session: Session = { id: freeId(), state, remote, lastUsed: now(), lastUse: 0, active: undefined };
      pending.add(session, request);
      return session;
    },
    findBegun: pending.findOpenedBy,
    activate: (session, access) => {
      open.endIdle();
      pending.remove(session.id);
      return open.add(session, access);
    },
    close: (id) => {
      open.end(id);
      pending.remove(id);
    },
    dismiss: open.dismiss,
    watchEnd: open.watchEnd,
    dismissAll: () => {
      open.dismissAll();
      pending.clear();
    },
    open: () => {
      open.endIdle();
      return open.present();
    },
  };
}
