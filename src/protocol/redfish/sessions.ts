/** Sessions of one service (DSP0266 "Redfish session login authentication"): in memory only, and never of an old account. */
import { createHash, randomBytes } from "node:crypto";

import { fields, integer } from "../../base/document/codec.js";
import { createPersistentState } from "../../model/bmc/state/persistentState.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { User, UserTable } from "../../model/bmc/users/users.js";
import { type Role, roleOfUser } from "./privileges.js";

export interface Session {
  readonly id: string;
  readonly userId: number;
  readonly userName: string;
  readonly role: Role;
  /** IP address of the client that logged in. */
  readonly remote: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

export interface Sessions {
  /** The longest idle one gives way to one too many. The token is told once, here. */
  readonly open: (user: User, role: Role, remote: string) => { readonly session: Session; readonly token: string };
  /** The session goes on from now; undefined for a token that is none, or none any more. */
  readonly byToken: (token: string) => Session | undefined;
  readonly find: (id: string) => Session | undefined;
  /** The oldest first. */
  readonly all: () => readonly Session[];
  readonly close: (id: string) => void;
  readonly closeAll: () => void;
  /** Who changes the own password goes on under the old one. */
  readonly keepThroughChange: (id: string) => void;
  readonly timeoutSeconds: () => number;
  /** Rejects with StorageError. */
  readonly setTimeoutSeconds: (seconds: number) => Promise<void>;
}

export interface SessionsOptions {
  readonly users: UserTable;
  readonly storage: BmcStorage;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly maxSessions?: number;
  /** Until a client sets another one, seconds. */
  readonly timeoutSeconds?: number;
}

/** Seconds, as the schema of SessionService has it. */
export const shortestTimeoutSeconds = 30;
export const longestTimeoutSeconds = 86_400;

const defaultTimeoutSeconds = 1_800;
const defaultMaxSessions = 64;
const tokenBytes = 20;

interface OpenSession extends Session {
  /** Of the account at login. */
  password: Buffer;
  readonly tokenHash: string;
  lastUsedAt: number;
}

export function createSessions({
  users,
  storage,
  now,
  maxSessions = defaultMaxSessions,
  timeoutSeconds = defaultTimeoutSeconds,
}: SessionsOptions): Sessions {
  const state = createPersistentState(storage, "redfishSessions", { timeoutSeconds }, codec);
  /** By a hash of the token: how long a look-up takes tells nothing of the tokens there are. */
  const byHash = new Map<string, OpenSession>();
  let lastId = 0;

  /** An account that was changed over IPMI or in the configuration ends its sessions as one changed here. */
  function isAlive(session: OpenSession): boolean {
    const user = users.find(session.userId);
    return (
      now() - session.lastUsedAt < state.value().timeoutSeconds * 1_000 &&
      user !== undefined &&
      user.name === session.userName &&
      roleOfUser(user) === session.role &&
      user.password.equals(session.password)
    );
  }

  function alive(): OpenSession[] {
    for (const [hash, session] of byHash) {
      if (!isAlive(session)) {
        byHash.delete(hash);
      }
    }
    return [...byHash.values()];
  }

  function find(id: string): OpenSession | undefined {
    return alive().find((session) => session.id === id);
  }

  function close(id: string): void {
    for (const session of byHash.values()) {
      if (session.id === id) {
        byHash.delete(session.tokenHash);
      }
    }
  }

  function makeRoom(): void {
    const idlest = alive().sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    idlest.slice(0, Math.max(0, idlest.length - maxSessions + 1)).forEach(({ id }) => close(id));
  }

  return {
    open: (user, role, remote) => {
      makeRoom();
      const token = randomBytes(tokenBytes).toString("hex");
      const session: OpenSession = {
        id: String(++lastId),
        userId: user.id,
        userName: user.name,
        role,
        remote,
        createdAt: now(),
        password: user.password,
        tokenHash: hashOf(token),
        lastUsedAt: now(),
      };
      byHash.set(session.tokenHash, session);
      return { session, token };
    },
    byToken: (token) => {
      const session = byHash.get(hashOf(token));
      if (!session || !isAlive(session)) {
        return undefined;
      }
      session.lastUsedAt = now();
      return session;
    },
    find,
    all: alive,
    close,
    closeAll: () => byHash.clear(),
    keepThroughChange: (id) => {
      // Not by `find`: the change has just made it one of an old account.
      const session = [...byHash.values()].find((candidate) => candidate.id === id);
      const user = session && users.find(session.userId);
      if (session && user) {
        session.password = user.password;
      }
    },
    timeoutSeconds: () => state.value().timeoutSeconds,
    setTimeoutSeconds: (seconds) =>
      state.change((kept) => (kept.timeoutSeconds === seconds ? kept : { timeoutSeconds: seconds })),
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

const codec = fields<{ readonly timeoutSeconds: number }>({
  timeoutSeconds: integer(shortestTimeoutSeconds, longestTimeoutSeconds),
});
