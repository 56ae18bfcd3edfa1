/** The open vCenter links: one for each account that BMCs need, and temporary ones for questions to other accounts. */
import type { Counts } from "../../io/counters/counts.js";
import type { Log } from "../../io/log/log.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import type { LinkRoute } from "./desiredBmc.js";
import { createLink, type Link } from "./link.js";

export interface LinksOptions {
  /** Script of a link. */
  readonly linkEntry: URL;
  /** Our own version. */
  readonly version: string;
  readonly log: Log;
  /** Whether counters of the calls to vCenters are requested. */
  readonly isMetered: boolean;
  readonly onReport: (name: string, report: MachineReport) => void;
  /** An event of a VM, for the child that serves it. */
  readonly onEvent: (name: string, event: MachineEvent) => void;
  readonly onMedia: (name: string, slots: readonly MediaSlot[]) => void;
  readonly onLinkState: (viserver: string, username: string, state: LinkState) => void;
  /** Calls of the link with this key. */
  readonly onCounts: (key: string, counts: Counts) => void;
}

/** A vCenter account that BMCs need. */
export interface OpenLink {
  readonly key: string;
  readonly viserver: string;
  readonly username: string;
  readonly state: LinkState;
}

export interface Links {
  readonly open: readonly OpenLink[];
  readonly get: (key: string | undefined) => Link | undefined;
  /** From now on exactly these links are open, each with its VMs. */
  readonly serve: (routes: readonly LinkRoute[]) => void;
  /** Asks an account; if no BMC needs its link, one is opened temporarily. Never rejects. */
  readonly ask: (
    account: Omit<LinkRoute, "machine">,
    question: AccountQuestion,
    timeoutMs: number,
  ) => Promise<AccountAnswer>;
  readonly announceLogLevel: () => void;
  /** Ends all links. */
  readonly close: () => Promise<void>;
}

export function createLinks(options: LinksOptions): Links {
  const links = new Map<string, Link>();
  /** Links that no BMC needs, while they answer a question. */
  const visits = new Map<string, { readonly link: Link; count: number }>();
  const closing = new Set<Promise<void>>();

  function closeLink(link: Link): void {
    const closed = link.close();
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  function drop(key: string, link: Link): void {
    links.delete(key);
    closeLink(link);
  }

  return {
    get open() {
      return [...links].map(([key, { account, state }]) => ({ key, ...account, state }));
    },
    get: (key) => (key === undefined ? undefined : links.get(key)),
    serve: (routes) => {
      const wanted = byLink(routes);
      for (const [key, own] of wanted) {
        const link = links.get(key) ?? openLink(options, key, own[0].configuration);
        links.set(key, link);
        link.serve(own.map(({ machine }) => machine));
      }
      for (const [key, link] of links) {
        if (!wanted.has(key)) {
          drop(key, link);
        }
      }
    },
    ask: async ({ key, configuration }, question, timeoutMs) => {
      const open = links.get(key);
      if (open !== undefined) {
        return open.ask(question, timeoutMs);
      }
      const visit = visits.get(key) ?? { link: openLink(options, key, configuration), count: 0 };
      visits.set(key, visit);
      visit.count++;
      const answer = await visit.link.ask(question, timeoutMs);
      if (--visit.count === 0) {
        visits.delete(key);
        closeLink(visit.link);
      }
      return answer;
    },
    announceLogLevel: () => [...links.values()].forEach((link) => link.announceLogLevel()),
    close: async () => {
      for (const [key, link] of links) {
        drop(key, link);
      }
      for (const { link } of visits.values()) {
        closeLink(link);
      }
      await Promise.all(closing);
    },
  };
}

function openLink(options: LinksOptions, key: string, configuration: LinkRoute["configuration"]): Link {
  const { linkEntry, log, version, isMetered, onReport, onEvent, onMedia, onLinkState, onCounts } = options;
  const { viserver, username } = configuration;
  return createLink({
    entry: linkEntry,
    log,
    isMetered,
    configuration,
    version,
    onReport,
    onEvent,
    onMedia,
    onState: (state) => {
      const level = state.state === "connected" || state.state === "connecting" ? "info" : "warn";
      log[level]({ viserver, username, ...state }, "vCenter link");
      onLinkState(viserver, username, state);
    },
    onCounts: (counts) => onCounts(key, counts),
  });
}

function byLink(routes: readonly LinkRoute[]): Map<string, [LinkRoute, ...LinkRoute[]]> {
  const groups = new Map<string, [LinkRoute, ...LinkRoute[]]>();
  for (const route of routes) {
    const group = groups.get(route.key);
    if (group === undefined) {
      groups.set(route.key, [route]);
    } else {
      group.push(route);
    }
  }
  return groups;
}
