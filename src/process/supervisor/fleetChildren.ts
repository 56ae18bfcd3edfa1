/** The processes that serve BMCs: a BMC joins one with free capacity, or a new one. */
import { availableParallelism } from "node:os";

import { createLimiter } from "../../base/async/limiter.js";
import type { Log } from "../../io/log/log.js";
import type { CertificateMessage } from "../ipc/child.js";
import { type BmcChild, type BmcChildEvents, createBmcChild } from "./bmcChild.js";

export interface FleetChildrenOptions {
  /** Script of a BMC child. */
  readonly entry: URL;
  readonly log: Log;
  /** Whether counters of BMCs are requested. */
  readonly isMetered: boolean;
  readonly bmcsPerProcess: number;
  /** A message of a child, or its end. */
  readonly eventsOf: (child: () => BmcChild) => BmcChildEvents;
  /** The process has been forked, and knows its BMCs. */
  readonly onLaunched: (child: BmcChild) => void;
}

export interface FleetChildren {
  /** A child with room for one more BMC. A new one must be launched. */
  readonly withRoom: () => { readonly child: BmcChild; readonly isNew: boolean };
  /** Forks the child's process when it is its turn. */
  readonly launch: (child: BmcChild) => Promise<void>;
  /** Applies from the next BMC on. */
  readonly setBmcsPerProcess: (count: number) => void;
  /** The certificate of the Redfish services. */
  readonly useCertificate: (message: CertificateMessage) => void;
  readonly announceLogLevel: () => void;
  /** Ends all children. */
  readonly close: () => Promise<void>;
}

export function createFleetChildren(options: FleetChildrenOptions): FleetChildren {
  const { entry, log, isMetered } = options;
  const children = new Set<BmcChild>();
  const forks = createLimiter(Math.max(2, availableParallelism()));
  let { bmcsPerProcess } = options;
  let certificate: CertificateMessage | undefined;

  function add(): BmcChild {
    const events = options.eventsOf(() => child);
    const onExit = (members: readonly string[], reason: string): void => {
      children.delete(child);
      events.onExit(members, reason);
    };
    const child = createBmcChild({ entry, log, isMetered, certificate, ...events, onExit });
    children.add(child);
    return child;
  }

  return {
    withRoom: () => {
      const withRoom = [...children].find((child) => !child.isClosing && child.size < bmcsPerProcess);
      return { child: withRoom ?? add(), isNew: withRoom === undefined };
    },
    launch: async (child) => {
      // Register every BMC of this batch first, so that the process is sized for all of them.
      await Promise.resolve();
      await forks.run(async () => {
        // The BMCs may be gone by now.
        if (child.size === 0) {
          children.delete(child);
          return;
        }
        const answered = child.launch();
        options.onLaunched(child);
        await answered;
      });
    },
    setBmcsPerProcess: (count) => (bmcsPerProcess = count),
    useCertificate: (message) => {
      certificate = message;
      children.forEach((child) => child.useCertificate(message));
    },
    announceLogLevel: () => children.forEach((child) => child.announceLogLevel()),
    close: async () => {
      await Promise.all([...children].map((child) => child.stop()));
    },
  };
}
