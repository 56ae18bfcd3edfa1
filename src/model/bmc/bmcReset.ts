/** What a BMC forgets when its system starts again, and what when it starts again itself (IPMI 2.0 §20.2). */
import type { Bmc } from "./bmc.js";
import { createBootOptions } from "./boot/bootOptions.js";

/** What the software of the VM, or of a BMC before, had set up. */
export function forgetSystem({ watchdog, acpi, systemInfo, eventLogging, channel }: SystemState): void {
  watchdog.stop();
  acpi.forget();
  systemInfo.forgetRunning();
  eventLogging.isEnabled = true;
  channel.restore();
}

export type SystemState = Pick<Bmc, "watchdog" | "acpi" | "systemInfo" | "eventLogging" | "channel">;

/** What does not outlive a restart of the BMC; the VM is unaffected. */
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
