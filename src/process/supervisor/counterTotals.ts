/** Totals of what BMCs and links count, for metrics. */
import { addCounts, type Counts } from "../../io/counters/counts.js";

export interface OpenSessions {
  /** Of IPMI. */
  readonly sessions: number;
  readonly redfishSessions: number;
}

export interface BmcTotals extends OpenSessions {
  readonly counts: ReadonlyMap<string, number>;
}

const noSessions: OpenSessions = { sessions: 0, redfishSessions: 0 };

/** Totals that BMCs and links have counted since this daemon started, across restarts of their processes. */
export interface CounterTotals {
  readonly addBmc: (name: string, added: Counts, open: OpenSessions) => void;
  /** Its process has ended, and its sessions with it. */
  readonly endSessions: (name: string) => void;
  /** @param key of the link */
  readonly addLink: (key: string, added: Counts) => void;
  readonly bmc: (name: string) => BmcTotals;
  readonly link: (key: string) => ReadonlyMap<string, number>;
  /** Drops BMCs that no longer exist. */
  readonly keep: (isThere: (name: string) => boolean) => void;
}

export function createCounterTotals(): CounterTotals {
  const bmcs = new Map<string, { readonly counts: Map<string, number>; open: OpenSessions }>();
  const links = new Map<string, Map<string, number>>();
  return {
    addBmc: (name, added, { sessions, redfishSessions }) => {
      const bmc = bmcs.get(name) ?? { counts: new Map<string, number>(), open: noSessions };
      addCounts(bmc.counts, added);
      bmc.open = { sessions, redfishSessions };
      bmcs.set(name, bmc);
    },
    endSessions: (name) => {
      const bmc = bmcs.get(name);
      if (bmc !== undefined) {
        bmc.open = noSessions;
      }
    },
    addLink: (key, added) => {
      const calls = links.get(key) ?? new Map<string, number>();
      addCounts(calls, added);
      links.set(key, calls);
    },
    bmc: (name) => {
      const { counts, open } = bmcs.get(name) ?? { counts: new Map<string, number>(), open: noSessions };
      return { counts, ...open };
    },
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
