/** Requests to the guest, which may take minutes or never happen, and what is wanted once it is off. */
import { MachineError } from "../model/machine/errors.js";
import type { PowerState } from "../model/machine/snapshot.js";
import { isFault } from "./faults.js";
import type { KnownState } from "./knownState.js";
import type { MoRef } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf } from "./soapValue.js";
import { begin, type Progress } from "./task.js";

/** A guest that has not shut down within this time is assumed to have ignored the request, ms. */
const shutdownTimeoutMs = 10 * 60_000;

/** Message for ToolsUnavailable without vSphere's terms. */
const toolsMissing =
  "VMware Tools are not running in the guest, so it cannot be asked to do that: install or start them";

export interface GuestShutdownOptions {
  readonly session: VimSession;
  readonly reference: MoRef;
  readonly state: KnownState;
  /** The VM is off and was to be switched on afterwards. */
  readonly switchOnLater: () => void;
}

export interface GuestShutdown {
  /** Resolves with the state that the VM has already, if any of those that count as off in IPMI. */
  readonly request: (progress: Progress) => Promise<PowerState | undefined>;
  readonly requestReboot: (progress: Progress) => Promise<void>;
  /** A new command replaces an earlier shutdown and the wish to switch on after it; a new shutdown the wish alone. */
  readonly replace: (isShutdown: boolean) => void;
  /**
   * A guest that is shutting down will soon be off: while `switchOn` runs, and after it, the VM is to be switched on then,
   * unless that resolves with true: it has been off, and is on.
   */
  readonly duringSwitchOn: (switchOn: () => Promise<boolean>) => Promise<void>;
}

export function createGuestShutdown(options: GuestShutdownOptions): GuestShutdown {
  const { session, reference, state } = options;
  /** A requested guest shutdown in progress, and whether the VM is to be switched on afterwards. */
  let shutdown: { isOnWanted: boolean } | undefined;

  async function ask(progress: Progress, method: "ShutdownGuest" | "RebootGuest"): Promise<void> {
    try {
      await session.call(method, reference, {}, { beforeSend: () => begin(progress) });
    } catch (error) {
      throw isFault(error, "ToolsUnavailable") ? new MachineError("invalidState", toolsMissing) : error;
    }
  }

  function follow(): void {
    const mine = { isOnWanted: false };
    shutdown = mine;
    void state.awaitPowerState("poweredOff", shutdownTimeoutMs).then((isOff) => {
      if (shutdown === mine) {
        shutdown = undefined;
        if (isOff && mine.isOnWanted) {
          options.switchOnLater();
        }
      }
    });
  }

  return {
    request: async (progress) => {
      try {
        await ask(progress, "ShutdownGuest");
      } catch (error) {
        const existing = existingState(error);
        if (existing === "poweredOff" || existing === "suspended") {
          return existing;
        }
        throw error;
      }
      follow();
      return undefined;
    },
    requestReboot: (progress) => ask(progress, "RebootGuest"),
    replace: (isShutdown) => {
      if (shutdown && isShutdown) {
        shutdown.isOnWanted = false;
      } else {
        shutdown = undefined;
      }
    },
    duringSwitchOn: async (switchOn) => {
      const pending = shutdown;
      const wasWanted = pending?.isOnWanted ?? false;
      const wish = (isOnWanted: boolean): void => {
        if (pending) {
          pending.isOnWanted = isOnWanted;
        }
      };
      wish(true);
      try {
        if (await switchOn()) {
          shutdown = shutdown === pending ? undefined : shutdown;
        }
      } catch (error) {
        wish(wasWanted);
        throw error;
      }
    },
  };
}

/** The VM's actual state, from an InvalidPowerState fault. */
export function existingState(error: unknown): PowerState | undefined {
  return isFault(error, "InvalidPowerState")
    ? (textOf(fieldOf(error.detail, "existingState")) as PowerState | undefined)
    : undefined;
}
