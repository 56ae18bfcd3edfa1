import type { Counts } from "../../io/counters/counts.js";
import type { Log } from "../../io/log/log.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer, AccountQuestion } from "../../model/machine/question.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import type { ChildOperation } from "./bmcChild.js";
import type { LinkRoute, NoRoute } from "./desiredBmc.js";
import { Link } from "./link.js";

export interface RelayOptions {
  /** Script of a link. */
  readonly linkEntry: URL;
  /** Our own version. */
  readonly version: string;
  readonly log: Log;
  /** Counts of the calls to vCenters are wanted. */
  readonly isMetered: boolean;
  /** News of a VM, for the child that serves it. */
  readonly onReport: (name: string, report: MachineReport) => void;
  /** What happened to a VM, for the child that serves it. */
  readonly onEvent: (name: string, event: MachineEvent) => void;
  readonly onLinkState: (viserver: string, username: string, state: LinkState) => void;
  /** Calls of the link with this key. */
  readonly onCounts: (key: string, counts: Counts) => void;
}

/** A vCenter account that BMCs need now. */
export interface OpenLink {
  readonly key: string;
  readonly viserver: string;
  readonly username: string;
  readonly state: LinkState;
}

/** Brings what BMCs ask to the link of their VM, and what links see to the BMCs. A link lives while a BMC needs it. */
export class Relay {
  readonly #links = new Map<string, Link>();
  /** Links that no BMC needs, while they are asked something. */
  readonly #visits = new Map<string, { readonly link: Link; count: number }>();
  readonly #closing = new Set<Promise<void>>();
  readonly #reports = new Map<string, MachineReport>();
  #routes: ReadonlyMap<string, LinkRoute | NoRoute> = new Map();

  constructor(private readonly options: RelayOptions) {}

  /** From now on these BMCs, and no others, are served. */
  route(routes: ReadonlyMap<string, LinkRoute | NoRoute>): void {
    const before = this.#routes;
    this.#routes = routes;
    for (const name of this.#reports.keys()) {
      if (keyOf(routes.get(name)) !== keyOf(before.get(name))) {
        this.#reports.delete(name);
      }
    }
    for (const [key, own] of byLink(routes)) {
      let link = this.#links.get(key);
      if (link === undefined) {
        link = this.#open(key, own[0].configuration);
        this.#links.set(key, link);
      }
      link.serve(own.map(({ machine }) => machine));
    }
    for (const key of this.#links.keys()) {
      if (![...routes.values()].some((route) => keyOf(route) === key)) {
        this.#drop(key);
      }
    }
    for (const [name, route] of routes) {
      if (!("key" in route)) {
        this.#reportNoRoute(name, route);
      }
    }
  }

  get links(): readonly OpenLink[] {
    return [...this.#links].map(([key, { account, state }]) => ({ key, ...account, state }));
  }

  reportOf(name: string): MachineReport | undefined {
    return this.#reports.get(name);
  }

  linkStateOf(name: string): LinkState | undefined {
    return this.#linkOf(name)?.state;
  }

  /** Never rejects. */
  async operate({ vmName, operation, deadline }: ChildOperation): Promise<MachineOperationResult> {
    const route = this.#routes.get(vmName);
    const link = this.#linkOf(vmName);
    if (link !== undefined) {
      return link.operate(vmName, operation, deadline);
    }
    const message = route !== undefined && "reason" in route ? route.reason : `${vmName} is about to be stopped`;
    return { ok: false, kind: "unavailable", message };
  }

  /** Asks an account; where no BMC needs its link, one is opened for the time of the question. Never rejects. */
  async ask(account: Omit<LinkRoute, "machine">, question: AccountQuestion, timeoutMs: number): Promise<AccountAnswer> {
    const { key, configuration } = account;
    const open = this.#links.get(key);
    if (open !== undefined) {
      return open.ask(question, timeoutMs);
    }
    const visit = this.#visits.get(key) ?? { link: this.#open(key, configuration), count: 0 };
    this.#visits.set(key, visit);
    visit.count++;
    const answer = await visit.link.ask(question, timeoutMs);
    if (--visit.count === 0) {
      this.#visits.delete(key);
      this.#close(visit.link);
    }
    return answer;
  }

  announceLogLevel(): void {
    for (const link of this.#links.values()) {
      link.announceLogLevel();
    }
  }

  /** Ends all links. */
  async close(): Promise<void> {
    for (const key of this.#links.keys()) {
      this.#drop(key);
    }
    for (const { link } of this.#visits.values()) {
      this.#close(link);
    }
    await Promise.all(this.#closing);
  }

  #linkOf(name: string): Link | undefined {
    const key = keyOf(this.#routes.get(name));
    return key === undefined ? undefined : this.#links.get(key);
  }

  #open(key: string, configuration: LinkRoute["configuration"]): Link {
    const { linkEntry, log, version, isMetered, onEvent, onLinkState, onCounts } = this.options;
    const { viserver, username } = configuration;
    return new Link({
      entry: linkEntry,
      log,
      isMetered,
      configuration,
      version,
      onReport: (name, report) => {
        this.#report(name, report);
      },
      onEvent,
      onState: (state) => {
        const level = state.state === "connected" || state.state === "connecting" ? "info" : "warn";
        log[level]({ viserver, username, ...state }, "vCenter link");
        onLinkState(viserver, username, state);
      },
      onCounts: (counts) => {
        onCounts(key, counts);
      },
    });
  }

  #drop(key: string): void {
    const link = this.#links.get(key);
    this.#links.delete(key);
    if (link !== undefined) {
      this.#close(link);
    }
  }

  #close(link: Link): void {
    const closed = link.close();
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  #report(name: string, report: MachineReport): void {
    this.#reports.set(name, report);
    this.options.onReport(name, report);
  }

  #reportNoRoute(name: string, { reason }: NoRoute): void {
    if (!this.#reports.has(name)) {
      this.#report(name, { fresh: false, kind: "unavailable", reason });
    }
  }
}

function keyOf(route: LinkRoute | NoRoute | undefined): string | undefined {
  return route !== undefined && "key" in route ? route.key : undefined;
}

function byLink(routes: ReadonlyMap<string, LinkRoute | NoRoute>): Map<string, [LinkRoute, ...LinkRoute[]]> {
  const groups = new Map<string, [LinkRoute, ...LinkRoute[]]>();
  for (const route of routes.values()) {
    if (!("key" in route)) {
      continue;
    }
    const group = groups.get(route.key);
    if (group === undefined) {
      groups.set(route.key, [route]);
    } else {
      group.push(route);
    }
  }
  return groups;
}
