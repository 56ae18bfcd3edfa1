/** Everything that the daemon supervises: BMCs in children, vCenter links, and the state of both. */
import { deadlineIn } from "../../base/async/deadline.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { Config } from "../../settings/config/config.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { EventBuffer } from "../events/eventBuffer.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import type { BmcWaits } from "./bmcWaits.js";
import type { ServedConsoles } from "./console/serveConsoles.js";
import type { CounterTotals } from "./counterTotals.js";
import type { LinkRoute } from "./desiredBmc.js";
import type { RunningBmc } from "./fleetMembers.js";
import type { OpenLink } from "./links.js";
import type { Reconciler } from "./reconcile.js";
import { createSupervisorParts, type SupervisorOptions } from "./supervisorParts.js";

export interface Supervisor extends BmcWaits, Pick<Reconciler, "reconcile" | "reconcileSoon" | "hold"> {
  readonly store: BmcStore;
  readonly config: Config;
  /** Applies settings that can change while BMCs run; those whose configuration changes are restarted. */
  readonly reconfigure: (config: Config) => void;
  /** What happened, for `vbmc events`. */
  readonly events: EventBuffer;
  /** Counts of BMCs and links; empty unless metrics are enabled. */
  readonly totals: CounterTotals;
  /** The BMCs that run or should run, by name. */
  readonly running: ReadonlyMap<string, RunningBmc>;
  /** SHA-256 fingerprint of the certificate of the Redfish services, with colons; undefined if there is none. */
  readonly redfishFingerprint: string | undefined;
  /** The vCenter accounts in use, and the number of calls to each. */
  readonly links: readonly (OpenLink & { readonly calls: ReadonlyMap<string, number> })[];
  /** State of the link that serves a BMC's VM; undefined if there is none. */
  readonly linkStateOf: (name: string) => LinkState | undefined;
  /** The last report on a BMC's VM; undefined if it is not served. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** The last report on the drives of a BMC's VM; empty: unknown. */
  readonly mediaOf: (name: string) => readonly MediaSlot[];
  /** Runs an operation on the VM of a running BMC; never rejects. */
  readonly operate: (name: string, operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Asks a vSphere account a question that is not an operation; never rejects. */
  readonly ask: (
    account: Omit<LinkRoute, "machine">,
    question: AccountQuestion,
    timeoutMs: number,
  ) => Promise<AccountAnswer>;
  readonly consoles: ServedConsoles;
  /** Allows a failed BMC to be retried immediately, as users of `start` expect. */
  readonly clearBackoff: (name: string) => void;
  /** The accounts of the page have changed. */
  readonly renewAccounts: () => void;
  /** Ends all children and links; `active` in the files stays, so that the BMCs resume at the next start. */
  readonly close: () => Promise<void>;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { store } = options;
  let { config } = options;
  let isClosed = false;
  const parts = createSupervisorParts(
    options,
    () => config,
    () => isClosed,
  );
  const { composer, fleet, relay, consoles, certificate, reconciler, web } = parts;
  const { events, totals } = parts.wiring;
  return {
    ...parts.waits,
    store,
    events,
    totals,
    get config() {
      return config;
    },
    reconfigure: (next) => {
      config = next;
      composer.forget();
      fleet.setBmcsPerProcess(next.bmcsPerProcess);
      fleet.announceLogLevel();
      relay.announceLogLevel();
      web?.announceLogLevel();
      web?.renewAccounts();
      consoles.announceLogLevel();
      consoles.renewCertificate();
      certificate.renew();
      reconciler.reconcile();
    },
    running: fleet.running,
    get redfishFingerprint() {
      return certificate.fingerprint;
    },
    get links() {
      return relay.links.map((link) => ({ ...link, calls: totals.link(link.key) }));
    },
    linkStateOf: relay.linkStateOf,
    reportOf: relay.reportOf,
    mediaOf: relay.mediaOf,
    operate: (vmName, operation, timeoutMs) => relay.operate({ vmName, operation, deadline: deadlineIn(timeoutMs) }),
    ask: relay.ask,
    consoles,
    reconcile: reconciler.reconcile,
    reconcileSoon: reconciler.reconcileSoon,
    hold: reconciler.hold,
    clearBackoff: fleet.clearBackoff,
    renewAccounts: () => web?.renewAccounts(),
    close: async () => {
      isClosed = true;
      reconciler.close();
      await Promise.all([web?.close(), consoles.close(), fleet.close(), relay.close()]);
    },
  };
}
