/**
 * The boot device for the next start, and when it expires (IPMI 2.0 §28.12, table 28-14, parameters 3 and 5): a device
 * that no Chassis Control uses must not surprise the next user hours later.
 */
import type { Log } from "../../../base/log.js";
import type { BootDevice, BootOverride, Machine } from "../../machine/machine.js";
import type { Timers } from "../timers.js";
import type { BootOptions } from "./bootOptions.js";

export interface BootFlags {
  /** Rejects with MachineError. */
  readonly read: () => Promise<BootOverride | undefined>;
  /**
   * undefined: the machine uses its own boot order. Rejects with MachineError. With `expires` (as in IPMI) a device for
   * one start is removed if no Chassis Control follows; without, it stays until the start that uses it (Redfish,
   * `Once`).
   */
  readonly write: (override: BootOverride | undefined, options?: { readonly expires: boolean }) => Promise<void>;
  /** A Chassis Control command was received; `boots`: it starts the machine, which uses the device. */
  readonly chassisControlled: (boots: boolean) => void;
  /** The watchdog is about to restart the machine. Never rejects: the restart is more important. */
  readonly clearForWatchdog: () => Promise<void>;
  /** Parameter 3 was written. */
  readonly clearingChanged: () => void;
}

/** §28.12: 60 seconds ± 10 %. */
const expiryMs = 60_000;
/** Bits of parameter 3. */
const keepWithoutChassisControl = 0x08;
const keepOnWatchdogReset = 0x04;

export function createBootFlags(
  machine: Pick<Machine, "bootOverride" | "setBootOverride">,
  options: BootOptions,
  timers: Timers,
  log: Log,
): BootFlags {
  /** A device for one start that was set here, is unused, and may expire. */
  let isPending = false;
  /** What was in force before a request for the firmware setup: vSphere stores that in addition to the VM's order. */
  let before: BootOverride | undefined;
  /** The order that a command of ours made the machine's own; undefined for one from another source. */
  let madePersistent: BootDevice | undefined;
  let cancelExpiry: () => void = () => undefined;

  function restartCountdown(): void {
    cancelExpiry();
    if (isPending && (options.validBitClearing & keepWithoutChassisControl) === 0) {
      cancelExpiry = timers.after(expiryMs, () => {
        log("info", "the boot device for the next start expires: no Chassis Control within 60 s");
        void clear();
      });
    }
  }

  function settle(): void {
    isPending = false;
    cancelExpiry();
  }

  /** Removes the device if it still is for one start: the machine may have used it, or made it its own order. */
  async function clear(): Promise<void> {
    settle();
    try {
      const override = await machine.bootOverride();
      // The order before two devices for one start is no longer known; vSphere clears the setup request itself.
      if (override?.persistent === false && before?.persistent !== false) {
        await machine.setBootOverride(before);
      }
    } catch (error) {
      log("warn", "cannot remove the boot device for the next start", { reason: String(error) });
    }
  }

  /** Redfish has one boot device: `Once` replaces `Continuous`, which must not come back after the start that uses it. */
  async function replacePersistent(): Promise<void> {
    const present = madePersistent === undefined ? undefined : await machine.bootOverride();
    if (present?.persistent === true && present.device === madePersistent) {
      await machine.setBootOverride(undefined);
    }
  }

  return {
    read: () => machine.bootOverride(),
    write: async (override, { expires } = { expires: true }) => {
      if (!expires && override?.persistent === false) {
        await replacePersistent();
      }
      before = override?.device === "bios" ? await machine.bootOverride() : undefined;
      await machine.setBootOverride(override);
      madePersistent = override?.persistent === true ? override.device : undefined;
      isPending = expires && override?.persistent === false;
      restartCountdown();
    },
    chassisControlled: (boots) => {
      if (boots) {
        settle();
      } else {
        restartCountdown();
      }
    },
    clearForWatchdog: async () => {
      if (isPending && (options.validBitClearing & keepOnWatchdogReset) === 0) {
        await clear();
      }
    },
    clearingChanged: restartCountdown,
  };
}
