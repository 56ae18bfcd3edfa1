/** For how long a machine that is on has been so. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { MachineStatistics } from "../../machine/statistics.js";

/**
 * Seconds since the machine was switched on; undefined when vSphere tells neither the time of that nor an uptime. The
 * uptime of vSphere begins anew with every vMotion; the boot time is by another clock than ours.
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
