/**
 * Forwards BMCs' requests to the link of their VM, and links' reports to the BMCs. A link lives as long as a BMC needs
 * it.
 */
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import type { ChildOperation } from "./bmcChild.js";
import type { LinkRoute, NoRoute } from "./desiredBmc.js";
import { createLinks, type LinksOptions, type OpenLink } from "./links.js";

type Routes = ReadonlyMap<string, LinkRoute | NoRoute>;

export interface Relay {
  /** From now on exactly these BMCs are served. */
  readonly route: (routes: Routes) => void;
  readonly links: readonly OpenLink[];
  /** The last report on a BMC's VM. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** The last report on a VM's drives; empty: unknown. */
  readonly mediaOf: (name: string) => readonly MediaSlot[];
  readonly linkStateOf: (name: string) => LinkState | undefined;
  /** Never rejects. */
  readonly operate: (operation: Omit<ChildOperation, "id" | "type">) => Promise<MachineOperationResult>;
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

/** @param options `onReport` gets reports on VMs, for the child that serves them */
export function createRelay(options: LinksOptions): Relay {
  const reports = new Map<string, MachineReport>();
  const media = new Map<string, readonly MediaSlot[]>();
  let routes: Routes = new Map();

  function report(name: string, latest: MachineReport): void {
    reports.set(name, latest);
    options.onReport(name, latest);
  }

  function reportMedia(name: string, slots: readonly MediaSlot[]): void {
    if (slots.length > 0) {
      media.set(name, slots);
    } else {
      media.delete(name);
    }
    options.onMedia(name, slots);
  }

  const links = createLinks({ ...options, onReport: report, onMedia: reportMedia });
  const linkOf = (name: string) => links.get(keyOf(routes.get(name)));

  return {
    route: (wanted) => {
      for (const name of reports.keys()) {
        if (keyOf(wanted.get(name)) !== keyOf(routes.get(name))) {
          reports.delete(name);
          media.delete(name);
        }
      }
      routes = wanted;
      links.serve([...routes.values()].filter((route) => "key" in route));
      for (const [name, route] of routes) {
        if ("reason" in route && !reports.has(name)) {
          report(name, { fresh: false, kind: "unavailable", reason: route.reason });
        }
      }
    },
    get links() {
      return links.open;
    },
    reportOf: (name) => reports.get(name),
    mediaOf: (name) => media.get(name) ?? [],
    linkStateOf: (name) => linkOf(name)?.state,
    operate: async ({ vmName, operation, deadline }) => {
      const link = linkOf(vmName);
      if (link !== undefined) {
        return link.operate(vmName, operation, deadline);
      }
      const route = routes.get(vmName);
      const message = route !== undefined && "reason" in route ? route.reason : `${vmName} is about to be stopped`;
      return { ok: false, kind: "unavailable", message };
    },
    ask: links.ask,
    announceLogLevel: links.announceLogLevel,
    close: links.close,
  };
}

function keyOf(route: LinkRoute | NoRoute | undefined): string | undefined {
  return route !== undefined && "key" in route ? route.key : undefined;
}
