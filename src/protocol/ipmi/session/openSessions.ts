/** The open sessions of one BMC, ordered by last use, each with a session handle (IPMI 2.0 §22.20). */
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
  readonly touch: (id: number) => void;
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
  /** Ordered by last use. */
  const open = new Map<number, OpenSession>();
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
    const oldest = now() - sessionTimeoutMs;
    for (const { id, lastUsed } of open.values()) {
      if (lastUsed > oldest) {
        return;
      }
      end(id, "timedOut");
    }
  }

  function dismiss(session: OpenSession): void {
    session.dismissedUntil ??= now() + leaveMs;
    mayBeDismissed = true;
    tellEnd(session.id, "dismissed");
  }

  /** A free handle; ends the longest idle session if there is none. */
  function takeHandle(): number {
    if (freeHandles.length === 0) {
      const idle = [...open.keys()];
      const longestIdle = idle.find((id) => !watches.has(id)) ?? idle[0];
      if (longestIdle !== undefined) {
        end(longestIdle, "evicted");
      }
    }
    return freeHandles.pop() ?? 0;
  }

  return {
    find: (id) => open.get(id),
    present: () => [...open.values()].filter(({ dismissedUntil }) => dismissedUntil === undefined),
    add: (session, access) => {
      const active: ActiveSession = { ...access, id: session.id, handle: takeHandle() };
      open.set(session.id, Object.assign(session, { active }));
      return active;
    },
    touch: (id) => {
      const session = open.get(id);
      if (session) {
        open.delete(id);
        open.set(id, session);
      }
    },
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
