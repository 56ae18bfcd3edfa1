/** The sessions of one BMC: found by ID, bounded in number, ended after inactivity (IPMI 2.0 §6.12.15). */
import type { Timers } from "../../../model/bmc/timers.js";
import type { ActiveSession, Remote, Session } from "./session.js";
import { createUnfinishedLogins } from "./unfinishedLogins.js";

export interface SessionTableOptions {
  /** Of open sessions, 1-255: as many as there are session handles. */
  readonly maxSessions: number;
  readonly sessionTimeoutMs: number;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Told of a session whose time ran out before its log-in was complete. */
  readonly onAbandoned?: (session: Session) => void;
  readonly after?: Timers["after"] | undefined;
}

export interface OpenSession extends Session {
  readonly active: ActiveSession;
}

export interface SessionTable {
  /** undefined for an unknown ID and for a session that has timed out. */
  readonly find: (id: number) => Session | undefined;
  /**
   * A verified packet came: only those keep a session from timing out. The keys prove whose packet it is, so a console
   * behind a changing address translation is followed (§13.6).
   */
  readonly touch: (session: Session, remote: Remote) => void;
  /** Begins a log-in; `request` is the Open Session Request, by which a retransmission is known. */
  readonly begin: (remote: Remote, state: Session["state"], request?: Buffer) => Session;
  /** The unfinished log-in that this very request from this very socket began. */
  readonly findBegun: (request: Buffer, remote: Remote) => Session | undefined;
  /** Opens the session of a user who has proved the password; when the table is full, the longest idle one ends. */
  readonly activate: (session: Session, access: SessionAccess) => ActiveSession;
  readonly close: (id: number) => void;
  /** Ends an open session, but lets its client take leave: ipmitool waits 10 s for the answer to Close Session else. */
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
  /** The open sessions, the longest idle first. */
  readonly open: () => readonly OpenSession[];
  readonly capacity: number;
}

/** For the Close Session of a session that was dismissed, ms; clients send it at once. */
const leaveMs = 3_000;

/** What a new session is given besides its place in the table. */
export type SessionAccess = Omit<ActiveSession, "id" | "handle">;

export function createSessionTable(options: SessionTableOptions): SessionTable {
  const { maxSessions, sessionTimeoutMs, now, randomBytes } = options;
  const unfinished = createUnfinishedLogins(options);
  /** In the order of last use. */
  const open = new Map<number, OpenSession>();
  /** Few sessions ever are: the others need not be looked through with each packet. */
  let mayBeDismissed = false;
  const freeHandles = Array.from({ length: maxSessions }, (_, index) => maxSessions - index);

  function endIdle(): void {
    if (mayBeDismissed) {
      endDismissed();
    }
    const oldest = now() - sessionTimeoutMs;
    for (const session of open.values()) {
      if (session.lastUsed > oldest) {
        return;
      }
      end(session);
    }
  }

  function endDismissed(): void {
    for (const session of open.values()) {
      if (session.dismissedUntil !== undefined && session.dismissedUntil <= now()) {
        end(session);
      }
    }
    mayBeDismissed = [...open.values()].some(({ dismissedUntil }) => dismissedUntil !== undefined);
  }

  function dismiss(session: OpenSession): void {
    session.dismissedUntil ??= now() + leaveMs;
    mayBeDismissed = true;
  }

  function end({ id, active }: OpenSession): void {
    open.delete(id);
    freeHandles.push(active.handle);
  }

  /** A handle that is free, by ending the longest idle session if need be. */
  function takeHandle(): number {
    for (const longestIdle of open.values()) {
      if (freeHandles.length > 0) {
        break;
      }
      end(longestIdle);
    }
    return freeHandles.pop() ?? 0;
  }

  /** Unpredictable, so that a stranger cannot name a session; 0 means "no session". */
  function freeId(): number {
    for (;;) {
      const id = randomBytes(4).readUInt32LE();
      if (id !== 0 && !open.has(id) && !unfinished.find(id)) {
        return id;
      }
    }
  }

  return {
    capacity: maxSessions,
    find: (id) => {
      endIdle();
      return open.get(id) ?? unfinished.find(id);
    },
    touch: (session, remote) => {
      session.remote = remote;
      session.lastUsed = now();
      const opened = open.get(session.id);
      if (opened) {
        open.delete(session.id);
        open.set(session.id, opened);
      }
    },
    begin: (remote, state, request) => {
      const session: Session = { id: freeId(), state, remote, lastUsed: now(), active: undefined };
      unfinished.add(session, request);
      return session;
    },
    findBegun: unfinished.findOpenedBy,
    activate: (session, access) => {
      endIdle();
      unfinished.remove(session.id);
      const active: ActiveSession = { ...access, id: session.id, handle: takeHandle() };
      session.active = active;
      session.lastUsed = now();
      open.set(session.id, Object.assign(session, { active }));
      return active;
    },
    close: (id) => {
      const session = open.get(id);
      if (session) {
        end(session);
      }
      unfinished.remove(id);
    },
    dismiss: (id) => {
      const session = open.get(id);
      if (session) {
        dismiss(session);
      }
    },
    dismissAll: () => {
      open.forEach(dismiss);
      unfinished.clear();
    },
    open: () => {
      endIdle();
      return [...open.values()].filter(({ dismissedUntil }) => dismissedUntil === undefined);
    },
  };
}
