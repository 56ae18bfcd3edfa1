/** Who is logged in, by the session cookie. */
import { randomBytes, randomUUID } from "node:crypto";

import { Fault } from "./fault.js";

export interface Session {
  readonly key: string;
  readonly username: string;
  readonly cookie: string;
  readonly loginTime: Date;
  /** What the client calls itself. */
  readonly userAgent: string;
  /** Called when the session ends, however. */
  readonly onEnd: Set<() => void>;
}

export interface Sessions {
  /** Throws InvalidLogin: also for the right password, while the account is locked. */
  readonly login: (username: string, password: string, userAgent: string) => Session;
  readonly find: (cookie: string | undefined) => Session | undefined;
  readonly end: (session: Session) => void;
  /** Ends all, as an administrator or the idle time-out would. */
  readonly expireAll: () => void;
  readonly count: () => number;
  readonly list: () => readonly Session[];
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** When wrong logins lock the account, as an ESXi host does it. */
export interface LockRule {
  /** Wrong logins in a row, whatever time lies between them. */
  readonly afterFailures: number;
  /** From the last one on; one while it is locked counts too. */
  readonly lockedMs: number;
}

export function createSessions(account: Account, lockRule: () => LockRule): Sessions {
  const sessions = new Map<string, Session>();
  let failures = 0;
  let lastFailure = 0;

  function isLocked(): boolean {
    const { afterFailures, lockedMs } = lockRule();
    return failures >= afterFailures && Date.now() - lastFailure < lockedMs;
  }

  function end(session: Session): void {
    sessions.delete(session.cookie);
    session.onEnd.forEach((ended) => ended());
  }

  return {
    login: (username, password, userAgent) => {
      if (isLocked() || username !== account.username || password !== account.password) {
        failures++;
        lastFailure = Date.now();
        throw new Fault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.");
      }
      failures = 0;
      const session: Session = {
        key: randomUUID(),
        username,
        cookie: randomBytes(20).toString("hex"),
        loginTime: new Date(),
        userAgent,
        onEnd: new Set(),
      };
      sessions.set(session.cookie, session);
      return session;
    },
    find: (cookie) => (cookie === undefined ? undefined : sessions.get(cookie)),
    end,
    expireAll: () => [...sessions.values()].forEach(end),
    count: () => sessions.size,
    list: () => [...sessions.values()],
  };
}
