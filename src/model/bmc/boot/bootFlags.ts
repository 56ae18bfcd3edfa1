/**
 * The boot device for the next start, and when it is forgotten (IPMI 2.0 §28.12, table 28-14, parameters 3 and 5): a
 * device that no Chassis Control makes use of must not surprise who starts the machine hours later.
 */
import type { Log } from "../../../base/log.js";
import type { BootOverride, Machine } from "../../machine/machine.js";
import type { Timers } from "../timers.js";
import type { BootOptions } from "./bootOptions.js";

export interface BootFlags {
  /** Rejects with MachineError. */
  readonly read: () => Promise<BootOverride | undefined>;
  /**
   * undefined: the machine boots as it is set up. Rejects with MachineError. With `expires` (IPMI's way) a device for one
   * start is forgotten when no Chassis Control comes; without, it waits for the start that uses it (Redfish, `Once`).
   */
  readonly write: (override: BootOverride | undefined, options?: { readonly expires: boolean }) => Promise<void>;
  /** A Chassis Control command came; `boots`: it starts the machine, which makes use of the device. */
  readonly chassisControlled: (boots: boolean) => void;
  /** The watchdog is about to start the machine anew. Never rejects: that matters more. */
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
  /** A device for one start that was set here, has not been made use of, and is not to wait for ever. */
  let isPending = false;
  /** What a wish for the firmware set-up came on top of: vSphere keeps that beside the VM's order. */
  let before: BootOverride | undefined;
  let cancelExpiry: () => void = () => undefined;

  function restartCountdown(): void {
    cancelExpiry();
    if (isPending && (options.validBitClearing & keepWithoutChassisControl) === 0) {
      cancelExpiry = timers.after(expiryMs, () => {
        log("info", "the boot device for the next start expires: no Chassis Control came within 60 s");
        void clear();
      });
    }
  }

  function settle(): void {
    isPending = false;
    cancelExpiry();
  }

  /** Takes the device back if it still is for one start: the machine may have used it, or keep it as its own order. */
  async function clear(): Promise<void> {
    settle();
    try {
      const override = await machine.bootOverride();
      // The order behind two devices for one start is not known any more; vSphere forgets the set-up by itself.
      if (override?.persistent === false && before?.persistent !== false) {
        await machine.setBootOverride(before);
      }
    } catch (error) {
      log("warn", "the boot device for the next start could not be taken back", { reason: String(error) });
    }
  }

  return {
    read: () => machine.bootOverride(),
    write: async (override, { expires } = { expires: true }) => {
      before = override?.device === "bios" ? await machine.bootOverride() : undefined;
      await machine.setBootOverride(override);
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
