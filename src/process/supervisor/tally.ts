import { addCounts, type Counts } from "../../io/counters/counts.js";

export interface BmcTally {
  readonly counts: ReadonlyMap<string, number>;
  readonly sessions: number;
}

/** What BMCs and links have counted since this daemon began, also over restarts of their processes. */
export interface Tally {
  readonly addBmc: (name: string, added: Counts, sessions: number) => void;
  /** Its process has ended, and its sessions with it. */
  readonly endSessions: (name: string) => void;
  /** @param key of the link */
  readonly addLink: (key: string, added: Counts) => void;
  readonly bmc: (name: string) => BmcTally;
  readonly link: (key: string) => ReadonlyMap<string, number>;
  /** Forgets the BMCs that are no more. */
  readonly keep: (isThere: (name: string) => boolean) => void;
}

export function createTally(): Tally {
  const bmcs = new Map<string, { readonly counts: Map<string, number>; sessions: number }>();
  const links = new Map<string, Map<string, number>>();
  return {
    addBmc: (name, added, sessions) => {
      const bmc = bmcs.get(name) ?? { counts: new Map<string, number>(), sessions: 0 };
      addCounts(bmc.counts, added);
      bmc.sessions = sessions;
      bmcs.set(name, bmc);
    },
    endSessions: (name) => {
      const bmc = bmcs.get(name);
      if (bmc !== undefined) {
        bmc.sessions = 0;
      }
    },
    addLink: (key, added) => {
      const calls = links.get(key) ?? new Map<string, number>();
      addCounts(calls, added);
      links.set(key, calls);
    },
    bmc: (name) => bmcs.get(name) ?? { counts: new Map(), sessions: 0 },
    link: (key) => links.get(key) ?? new Map<string, number>(),
    keep: (isThere) => {
      for (const name of bmcs.keys()) {
        if (!isThere(name)) {
          bmcs.delete(name);
        }
      }
    },
  };
}
