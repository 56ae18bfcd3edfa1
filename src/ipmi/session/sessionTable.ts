/** The sessions of one BMC: found by ID, bounded in number, ended after inactivity (IPMI 2.0 §6.12.15). */
import type { Remote, Session } from "./session.js";

export interface SessionTableOptions {
  readonly maxSessions: number;
  readonly sessionTimeoutMs: number;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

export interface SessionTable {
  /** undefined for an unknown ID and for a session that has timed out. */
  readonly find: (id: number) => Session | undefined;
  /** A verified packet came: only those keep a session from timing out. */
  readonly touch: (session: Session) => void;
  /** Room is made when the table is full: the oldest half-open session goes first, then the longest idle. */
  readonly open: (remote: Remote, state: Session["state"]) => Session;
  readonly close: (id: number) => void;
  readonly closeAll: () => void;
  /** The sessions that have not timed out, the longest idle first. */
  readonly all: () => readonly Session[];
  readonly capacity: number;
}

export function createSessionTable(options: SessionTableOptions): SessionTable {
  const { maxSessions, sessionTimeoutMs, now, randomBytes } = options;
  /** In the order of last use. */
  const sessions = new Map<number, Session>();

  function endIdle(): void {
    const oldest = now() - sessionTimeoutMs;
    for (const session of sessions.values()) {
      if (session.lastUsed > oldest) {
        return;
      }
      sessions.delete(session.id);
    }
  }

  function makeRoom(): void {
    if (sessions.size < maxSessions) {
      return;
    }
    const all = [...sessions.values()];
    const victim = all.find((session) => !session.active) ?? all[0];
    if (victim) {
      sessions.delete(victim.id);
    }
  }

  /** Unpredictable, so that a stranger cannot name a session; 0 means "no session". */
  function freeId(): number {
    for (;;) {
      const id = randomBytes(4).readUInt32LE();
      if (id !== 0 && !sessions.has(id)) {
        return id;
      }
    }
  }

  function freeHandle(): number {
    const taken = new Set([...sessions.values()].map(({ handle }) => handle));
    let handle = 1;
    while (taken.has(handle)) {
      handle++;
    }
    return handle;
  }

  return {
    capacity: maxSessions,
    find: (id) => {
      endIdle();
      return sessions.get(id);
    },
    touch: (session) => {
      session.lastUsed = now();
      sessions.delete(session.id);
      sessions.set(session.id, session);
    },
    open: (remote, state) => {
      endIdle();
      makeRoom();
      const session: Session = {
        id: freeId(),
        handle: freeHandle(),
        state,
        remote,
        lastUsed: now(),
        active: undefined,
      };
      sessions.set(session.id, session);
      return session;
    },
    close: (id) => void sessions.delete(id),
    closeAll: () => sessions.clear(),
    all: () => {
      endIdle();
      return [...sessions.values()];
    },
  };
}
