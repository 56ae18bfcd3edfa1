/** Who is logged in, by the session cookie. */
import { randomBytes, randomUUID } from "node:crypto";
import { Fault } from "./fault.js";

export interface Session {
  readonly key: string;
  readonly username: string;
  readonly cookie: string;
  readonly loginTime: Date;
  /** Called when the session ends, however. */
  readonly onEnd: Set<() => void>;
}

export interface Sessions {
  /** Throws InvalidLogin. */
  readonly login: (username: string, password: string) => Session;
  readonly find: (cookie: string | undefined) => Session | undefined;
  readonly end: (session: Session) => void;
  /** Ends all, as an administrator or the idle time-out would. */
  readonly expireAll: () => void;
  readonly count: () => number;
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

export function createSessions(account: Account): Sessions {
  const sessions = new Map<string, Session>();

  function end(session: Session): void {
    sessions.delete(session.cookie);
    session.onEnd.forEach((ended) => ended());
  }

  return {
    login: (username, password) => {
      if (username !== account.username || password !== account.password) {
        throw new Fault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.");
      }
      const session: Session = {
        key: randomUUID(),
        username,
        cookie: randomBytes(20).toString("hex"),
        loginTime: new Date(),
        onEnd: new Set(),
      };
      sessions.set(session.cookie, session);
      return session;
    },
    find: (cookie) => (cookie === undefined ? undefined : sessions.get(cookie)),
    end,
    expireAll: () => [...sessions.values()].forEach(end),
    count: () => sessions.size,
  };
}
