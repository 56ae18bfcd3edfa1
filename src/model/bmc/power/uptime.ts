/** How long a machine has been on. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { MachineStatistics } from "../../machine/statistics.js";

/**
 * Seconds since the machine was powered on; undefined if vSphere reports neither that time nor an uptime. vSphere's
 * uptime restarts with every vMotion; the boot time is measured by another clock.
 */
export function secondsOn(
  { bootTime = "" }: Pick<MachineSnapshot, "bootTime">,
  { uptimeSeconds = -1 }: Pick<MachineStatistics, "uptimeSeconds">,
  now: number,
): number | undefined {
  const sinceBoot = (now - Date.parse(bootTime)) / 1_000;
  const seconds = Math.max(uptimeSeconds, Number.isNaN(sinceBoot) ? -1 : Math.max(sinceBoot, 0));
  return seconds < 0 ? undefined : seconds;
}
