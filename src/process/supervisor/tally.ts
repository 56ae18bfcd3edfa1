import { addCounts, type Counts } from "../../io/counters/counts.js";

export interface BmcTally {
  readonly counts: ReadonlyMap<string, number>;
  readonly sessions: number;
}

/** What BMCs and links have counted since this daemon began, also over restarts of their processes. */
export class Tally {
  readonly #bmcs = new Map<string, { counts: Map<string, number>; sessions: number }>();
  readonly #links = new Map<string, Map<string, number>>();

  addBmc(name: string, added: Counts, sessions: number): void {
    const bmc = this.#bmcs.get(name) ?? { counts: new Map<string, number>(), sessions: 0 };
    addCounts(bmc.counts, added);
    bmc.sessions = sessions;
    this.#bmcs.set(name, bmc);
  }

  /** Its process has ended, and its sessions with it. */
  endSessions(name: string): void {
    const bmc = this.#bmcs.get(name);
    if (bmc !== undefined) {
      bmc.sessions = 0;
    }
  }

  /** @param key of the link */
  addLink(key: string, added: Counts): void {
    const calls = this.#links.get(key) ?? new Map<string, number>();
    addCounts(calls, added);
    this.#links.set(key, calls);
  }

  bmc(name: string): BmcTally {
    return this.#bmcs.get(name) ?? { counts: new Map(), sessions: 0 };
  }

  link(key: string): ReadonlyMap<string, number> {
    return this.#links.get(key) ?? new Map<string, number>();
  }

  /** Forgets the BMCs that are no more. */
  keep(isThere: (name: string) => boolean): void {
    for (const name of this.#bmcs.keys()) {
      if (!isThere(name)) {
        this.#bmcs.delete(name);
      }
    }
  }
}
