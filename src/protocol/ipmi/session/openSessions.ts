/** The open sessions of one BMC, each with a session handle (IPMI 2.0 §22.20). */
import type { Timers } from "../../../model/bmc/timers.js";
import type { ActiveSession, Session, SessionEnd } from "./session.js";

export interface OpenSession extends Session {
  readonly active: ActiveSession;
}

/** What a new session gets besides its place in the table. */
export type SessionAccess = Omit<ActiveSession, "id" | "handle">;

export interface OpenSessionsOptions {
  /** 1-255, the number of session handles. */
  readonly maxSessions: number;
  readonly sessionTimeoutMs: number;
  readonly now: () => number;
  readonly after: Timers["after"];
}

export interface OpenSessions {
  readonly find: (id: number) => OpenSession | undefined;
  /** Sessions that have not been dismissed, the longest idle first. */
  readonly present: () => readonly OpenSession[];
  /** If no handle is free, the longest idle session ends: an unwatched one, if there is any. */
  readonly add: (session: Session, access: SessionAccess) => ActiveSession;
  /** The session has been used now. */
  readonly touch: (session: Session) => void;
  /** Ends sessions that have timed out, and dismissed ones whose grace period is over. */
  readonly endIdle: () => void;
  readonly end: (id: number) => void;
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
  /** Calls `onEnd` once, at the moment when the session ends or is dismissed. @returns what ends the watch */
  readonly watchEnd: (id: number, onEnd: (end: SessionEnd) => void) => () => void;
}

/** Grace period for the Close Session of a dismissed session, ms; clients send it immediately. */
const leaveMs = 3_000;

export function createOpenSessions(options: OpenSessionsOptions): OpenSessions {
  const { maxSessions, sessionTimeoutMs, now, after } = options;
  const open = new Map<number, OpenSession>();
  let uses = 0;
  /** No session times out before, ms: they need not be searched with each packet. */
  let noneTimesOutBefore = Infinity;
  /** Tracked separately: few sessions are ever dismissed, and scanning all of them for each packet would be slow. */
  let mayBeDismissed = false;
  const freeHandles = Array.from({ length: maxSessions }, (_, index) => maxSessions - index);
  /** Sessions whose end must be reported. */
  const watches = new Map<number, (end: SessionEnd) => void>();

  function end(id: number, how: SessionEnd): void {
    const session = open.get(id);
    if (session) {
      open.delete(id);
      freeHandles.push(session.active.handle);
      tellEnd(id, how);
    }
  }

  function tellEnd(id: number, how: SessionEnd): void {
    const onEnd = watches.get(id);
    watches.delete(id);
    onEnd?.(how);
  }

  /** Sessions end when the next packet comes, but for those that are watched. */
  function watchEnd(id: number, onEnd: (end: SessionEnd) => void): () => void {
    watches.set(id, onEnd);
    let cancel = (): void => undefined;
    const look = (): void => {
      endIdle();
      const session = open.get(id);
      if (session && watches.get(id) === onEnd) {
        cancel = after(Math.max(session.lastUsed + sessionTimeoutMs - now(), 1), look);
      }
    };
    look();
    return () => {
      cancel();
      if (watches.get(id) === onEnd) {
        watches.delete(id);
      }
    };
  }

  function endDismissed(): void {
    for (const { id, dismissedUntil = Infinity } of open.values()) {
      if (dismissedUntil <= now()) {
        end(id, "dismissed");
      }
    }
    mayBeDismissed = [...open.values()].some(({ dismissedUntil }) => dismissedUntil !== undefined);
  }

  function endIdle(): void {
    if (mayBeDismissed) {
      endDismissed();
    }
    const time = now();
    if (time < noneTimesOutBefore) {
      return;
    }
    noneTimesOutBefore = Infinity;
    for (const { id, lastUsed } of open.values()) {
      const timesOutAt = lastUsed + sessionTimeoutMs;
      if (timesOutAt <= time) {
        end(id, "timedOut");
      } else {
        noneTimesOutBefore = Math.min(noneTimesOutBefore, timesOutAt);
      }
    }
  }

  function touch(session: Session): void {
    session.lastUsed = now();
    session.lastUse = ++uses;
    // The clock may have been set back.
    noneTimesOutBefore = Math.min(noneTimesOutBefore, session.lastUsed + sessionTimeoutMs);
  }

  function dismiss(session: OpenSession): void {
    session.dismissedUntil ??= now() + leaveMs;
    mayBeDismissed = true;
    tellEnd(session.id, "dismissed");
  }

  /** A free handle; ends the longest idle session if there is none. */
  function takeHandle(): number {
    const sessions = freeHandles.length === 0 ? byLastUse(open) : [];
    const evicted = sessions.find(({ id }) => !watches.has(id)) ?? sessions[0];
    if (evicted !== undefined) {
      end(evicted.id, "evicted");
    }
    return freeHandles.pop() ?? 0;
  }

  return {
    find: (id) => open.get(id),
    present: () => byLastUse(open).filter(({ dismissedUntil }) => dismissedUntil === undefined),
    add: (session, access) => {
      const active: ActiveSession = { ...access, id: session.id, handle: takeHandle() };
      open.set(session.id, Object.assign(session, { active }));
      touch(session);
      return active;
    },
    touch,
    endIdle,
    end: (id) => end(id, "closed"),
    watchEnd,
    dismiss: (id) => {
      const session = open.get(id);
      if (session) {
        dismiss(session);
      }
    },
    dismissAll: () => open.forEach(dismiss),
  };
}

/** The longest idle first. */
function byLastUse(open: ReadonlyMap<number, OpenSession>): OpenSession[] {
  return [...open.values()].sort((one, other) => one.lastUse - other.lastUse);
}
