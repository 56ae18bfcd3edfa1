/**
 * Brings back the consoles of VMs that are on and do not connect: after a restart of the daemon, say, since an ESXi host need
 * not try again by itself. Their serial port is disconnected and connected in vSphere, seldom, and nothing else is changed.
 */
import { reasonOf } from "../../../base/errors.js";
import type { Log } from "../../../io/log/log.js";

export interface ReconnectsOptions {
  /** Names of the BMCs whose VMs connect to the concentrator, with what is known of each now. */
  readonly consoles: () => Iterable<ReconnectCandidate>;
  /** Resolves with false where the VM has no such port, or is not on; rejects with the reason why it cannot be done. */
  readonly reconnect: (name: string) => Promise<boolean>;
  readonly log: Log;
  readonly now: () => number;
}

export interface ReconnectCandidate {
  readonly name: string;
  readonly isOn: boolean;
  readonly isConnected: boolean;
}

export interface Reconnects {
  /** To be called every few seconds while the concentrator listens. */
  readonly check: () => void;
}

/** A VM that connects by itself does so within seconds; then less and less often, ms. */
export const reconnectDelaysMs = [20_000, 300_000, 1_800_000] as const;
/** At once: after a restart there may be many, and each is two tasks of vCenter. */
const maxAtOnce = 4;

interface Missing {
  readonly tries: number;
  /** When the next one is due. */
  readonly dueAt: number;
  readonly isUnderWay: boolean;
}

export function createReconnects({ consoles, reconnect, log, now }: ReconnectsOptions): Reconnects {
  /** VMs that are on and not connected. */
  const missing = new Map<string, Missing>();

  async function bringBack(name: string, tries: number): Promise<void> {
    let isTried = false;
    try {
      isTried = await reconnect(name);
      if (isTried) {
        log.info({ vm: name }, "the VM is on but its console was not connected: reconnecting its serial port");
      }
    } catch (error) {
      const reason = reasonOf(error);
      log.warn({ vm: name, reason }, "cannot reconnect the serial port of the VM");
      isTried = true;
    }
    // A VM without the port is asked for again when it has been switched off, or has connected.
    const delayMs = isTried ? (reconnectDelaysMs[tries + 1] ?? Infinity) : Infinity;
    if (missing.has(name)) {
      missing.set(name, { tries: tries + 1, dueAt: now() + delayMs, isUnderWay: false });
    }
  }

  function check(): void {
    const present = [...consoles()].filter(({ isOn, isConnected }) => isOn && !isConnected).map(({ name }) => name);
    for (const name of missing.keys()) {
      if (!present.includes(name)) {
        missing.delete(name);
      }
    }
    for (const name of present) {
      const known = missing.get(name) ?? { tries: 0, dueAt: now() + reconnectDelaysMs[0], isUnderWay: false };
      missing.set(name, known);
      const underWay = [...missing.values()].filter(({ isUnderWay }) => isUnderWay).length;
      if (!known.isUnderWay && known.dueAt <= now() && underWay < maxAtOnce) {
        missing.set(name, { ...known, isUnderWay: true });
        void bringBack(name, known.tries);
      }
    }
  }

  return { check };
}
