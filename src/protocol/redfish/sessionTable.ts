/**
 * Open sessions (DSP0266 "Redfish session login authentication"), in memory only: found by their token, limited in number,
 * ended by inactivity or when their owner is no longer who logged in.
 */
import { createHash, randomBytes } from "node:crypto";

export interface SessionTable<Owner> {
  /** If there are too many, the one idle longest ends. The token is returned only here. */
  readonly open: (owner: Owner, remote: string) => { readonly session: TableSession<Owner>; readonly token: string };
  /** Renews the session; undefined for an unknown or expired token. */
  readonly byToken: (token: string) => TableSession<Owner> | undefined;
  readonly find: (id: string) => TableSession<Owner> | undefined;
  /** Also returns a session whose owner is no longer current, for a client that has just changed its own account. */
  readonly ownerOf: (id: string) => Owner | undefined;
  /** Oldest first. */
  readonly all: () => readonly TableSession<Owner>[];
  readonly close: (id: string) => void;
  readonly closeAll: () => void;
}

export interface TableSession<Owner> {
  readonly id: string;
  readonly owner: Owner;
  /** IP address of the client that logged in. */
  readonly remote: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

export interface SessionTableOptions<Owner> {
  /** ms since the epoch. */
  readonly now: () => number;
  readonly maxSessions: number;
  readonly timeoutSeconds: () => number;
  /** False ends the owner's sessions, for example after a change of its account. */
  readonly isCurrent: (owner: Owner) => boolean;
}

const tokenBytes = 20;

interface OpenSession<Owner> extends TableSession<Owner> {
  readonly tokenHash: string;
  lastUsedAt: number;
}

export function createSessionTable<Owner>(options: SessionTableOptions<Owner>): SessionTable<Owner> {
  const { now, maxSessions, timeoutSeconds, isCurrent } = options;
  /** By a hash of the token: the duration of a look-up reveals nothing about the tokens. */
  const byHash = new Map<string, OpenSession<Owner>>();
  let lastId = 0;

  function isAlive({ lastUsedAt, owner }: OpenSession<Owner>): boolean {
    return now() - lastUsedAt < timeoutSeconds() * 1_000 && isCurrent(owner);
  }

  function alive(): OpenSession<Owner>[] {
    for (const [hash, session] of byHash) {
      if (!isAlive(session)) {
        byHash.delete(hash);
      }
    }
    return [...byHash.values()];
  }

  function makeRoom(): void {
    const idlest = alive().sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    idlest.slice(0, Math.max(0, idlest.length - maxSessions + 1)).forEach(({ tokenHash }) => byHash.delete(tokenHash));
  }

  return {
    open: (owner, remote) => {
      makeRoom();
      const token = randomBytes(tokenBytes).toString("hex");
      const at = now();
      const tokenHash = hashOf(token);
      const session = { id: String(++lastId), owner, remote, createdAt: at, tokenHash, lastUsedAt: at };
      byHash.set(tokenHash, session);
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
    find: (id) => alive().find((session) => session.id === id),
    ownerOf: (id) => [...byHash.values()].find((session) => session.id === id)?.owner,
    all: alive,
    close: (id) => {
      for (const session of byHash.values()) {
        if (session.id === id) {
          byHash.delete(session.tokenHash);
        }
      }
    },
    closeAll: () => byHash.clear(),
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
