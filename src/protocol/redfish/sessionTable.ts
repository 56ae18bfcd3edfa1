/**
 * Open sessions (DSP0266 "Redfish session login authentication"), in memory only: found by their token, limited in number,
 * ended by inactivity or when their owner is no longer who logged in.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";

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

/** 160 bits, in hexadecimal: the first ones find a session, the others are the secret. */
const tokenBytes = 20;
const selectorLength = 8;

interface OpenSession<Owner> extends TableSession<Owner> {
  readonly selector: string;
  /** Compared in constant time. */
  readonly token: Buffer;
  lastUsedAt: number;
}

export function createSessionTable<Owner>(options: SessionTableOptions<Owner>): SessionTable<Owner> {
  const { now, maxSessions, timeoutSeconds, isCurrent } = options;
  const bySelector = new Map<string, OpenSession<Owner>>();
  let lastId = 0;

  function isAlive({ lastUsedAt, owner }: OpenSession<Owner>): boolean {
    return now() - lastUsedAt < timeoutSeconds() * 1_000 && isCurrent(owner);
  }

  function alive(): OpenSession<Owner>[] {
    for (const [selector, session] of bySelector) {
      if (!isAlive(session)) {
        bySelector.delete(selector);
      }
    }
    return [...bySelector.values()];
  }

  function makeRoom(): void {
    const idlest = alive().sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    idlest
      .slice(0, Math.max(0, idlest.length - maxSessions + 1))
      .forEach(({ selector }) => bySelector.delete(selector));
  }

  function newToken(): string {
    const token = randomBytes(tokenBytes).toString("hex");
    return bySelector.has(selectorOf(token)) ? newToken() : token;
  }

  return {
    open: (owner, remote) => {
      makeRoom();
      const text = newToken();
      const [id, selector, token, at] = [String(++lastId), selectorOf(text), Buffer.from(text), now()];
      const session = { id, owner, remote, createdAt: at, selector, token, lastUsedAt: at };
      bySelector.set(selector, session);
      return { session, token: text };
    },
    byToken: (token) => {
      const session = bySelector.get(selectorOf(token));
      if (!session || !isEqual(Buffer.from(token), session.token) || !isAlive(session)) {
        return undefined;
      }
      session.lastUsedAt = now();
      return session;
    },
    find: (id) => alive().find((session) => session.id === id),
    ownerOf: (id) => [...bySelector.values()].find((session) => session.id === id)?.owner,
    all: alive,
    close: (id) => {
      for (const session of bySelector.values()) {
        if (session.id === id) {
          bySelector.delete(session.selector);
        }
      }
    },
    closeAll: () => bySelector.clear(),
  };
}

function selectorOf(token: string): string {
  return token.slice(0, selectorLength);
}

function isEqual(given: Buffer, token: Buffer): boolean {
  return given.length === token.length && timingSafeEqual(given, token);
}
