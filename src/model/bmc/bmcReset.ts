/** What a BMC resets when its system restarts, and when it restarts itself (IPMI 2.0 §20.2). */
import type { Bmc } from "./bmc.js";
import { createBootOptions } from "./boot/bootOptions.js";

/** State set by the VM's software, or by an earlier BMC process. */
export function forgetSystem({ watchdog, acpi, systemInfo, eventLogging, channel }: SystemState): void {
  watchdog.stop();
  acpi.forget();
  systemInfo.forgetRunning();
  eventLogging.isEnabled = true;
  channel.restore();
}

export type SystemState = Pick<Bmc, "watchdog" | "acpi" | "systemInfo" | "eventLogging" | "channel">;

/** State that does not outlive a restart of the BMC; the VM is unaffected. */
export function forgetAll(bmc: ResetState): void {
  forgetSystem(bmc);
  bmc.chassis.identify(0);
  bmc.systemInfo.setInProgress = 0;
  bmc.lanSettings.setInProgress = 0;
  bmc.sol.setInProgress = 0;
  Object.assign(bmc.bootOptions, createBootOptions());
  bmc.selReservation.cancel();
  bmc.sdrReservation.cancel();
  bmc.events.record({ type: "bmcStarted" });
}

export type ResetState = SystemState &
  Pick<Bmc, "chassis" | "lanSettings" | "sol" | "bootOptions" | "selReservation" | "sdrReservation" | "events">;
