/**
 * Sessions whose user has not proved a password yet. Each costs a stranger one datagram, so they have separate limits
 * and never displace an open session.
 */
import type { Timers } from "../../../model/bmc/timers.js";
import type { Remote, Session } from "./session.js";

/** In total and per address, so that a source that floods the BMC does not block others. */
const capacity = 512;
const capacityPerSource = 128;
/** Time limit of a login, including retransmissions, ms (IPMI 2.0 §6.12.15: 60 s). */
const lifetimeMs = 60_000;

export interface PendingLoginsOptions {
  readonly now: () => number;
  /** Called for a session whose login timed out. */
  readonly onAbandoned?: ((session: Session) => void) | undefined;
  /** Detects timeouts even if no packet arrives. */
  readonly after: Timers["after"];
}

export interface PendingLogins {
  readonly find: (id: number) => Session | undefined;
  /** The session opened by the same Open Session Request from the same socket. */
  readonly findOpenedBy: (request: Buffer, remote: Remote) => Session | undefined;
  /** Removes the oldest login of this source, or of all. */
  readonly add: (session: Session, request?: Buffer) => void;
  readonly remove: (id: number) => void;
  readonly clear: () => void;
}

interface Entry {
  readonly session: Session;
  readonly since: number;
  readonly source: string;
  readonly requestKey: string | undefined;
}

export function createPendingLogins({ now, onAbandoned, after }: PendingLoginsOptions): PendingLogins {
  /** All three are ordered by opening time. */
  const entries = new Map<number, Entry>();
  const idsBySource = new Map<string, Set<number>>();
  const idsByRequest = new Map<string, number>();

  function endOld(): void {
    const oldest = now() - lifetimeMs;
    for (const [id, { since, session }] of entries) {
      if (since > oldest) {
        return;
      }
      remove(id);
      onAbandoned?.(session);
    }
  }

  let isSweepDue = false;

  /** Only while there are logins: an idle BMC has no timer. */
  function sweepLater(): void {
    if (isSweepDue || entries.size === 0) {
      return;
    }
    isSweepDue = true;
    after(lifetimeMs, () => {
      isSweepDue = false;
      endOld();
      sweepLater();
    });
  }

  function remove(id: number): void {
    const entry = entries.get(id);
    if (!entry) {
      return;
    }
    entries.delete(id);
    const ids = idsBySource.get(entry.source);
    ids?.delete(id);
    if (ids?.size === 0) {
      idsBySource.delete(entry.source);
    }
    if (entry.requestKey !== undefined && idsByRequest.get(entry.requestKey) === id) {
      idsByRequest.delete(entry.requestKey);
    }
  }

  function makeRoom(source: string): void {
    const ids = idsBySource.get(source);
    const candidates = ids && ids.size >= capacityPerSource ? ids : entries.size >= capacity ? entries.keys() : [];
    for (const id of candidates) {
      remove(id);
      return;
    }
  }

  return {
    find: (id) => {
      endOld();
      return entries.get(id)?.session;
    },
    findOpenedBy: (request, remote) => {
      endOld();
      const id = idsByRequest.get(keyOf(request, remote));
      return id === undefined ? undefined : entries.get(id)?.session;
    },
    add: (session, request) => {
      const { remote } = session;
      const source = remote.address;
      const requestKey = request && keyOf(request, remote);
      endOld();
      makeRoom(source);
      entries.set(session.id, { session, since: now(), source, requestKey });
      sweepLater();
      const ids = idsBySource.get(source);
      if (ids) {
        ids.add(session.id);
      } else {
        idsBySource.set(source, new Set([session.id]));
      }
      if (requestKey !== undefined) {
        idsByRequest.set(requestKey, session.id);
      }
    },
    remove,
    clear: () => {
      entries.clear();
      idsBySource.clear();
      idsByRequest.clear();
    },
  };
}

function keyOf(request: Buffer, { address, port }: Remote): string {
  return `${address} ${port} ${request.toString("latin1")}`;
}
