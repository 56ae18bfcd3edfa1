/** Get POH Counter (IPMI 2.0 §28.14): how long the VM has been running since it was powered on. */
import { secondsOn } from "../../../../model/bmc/power/uptime.js";
import type { MachineStatistics } from "../../../../model/machine/statistics.js";
import { type CommandContext, defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const minutesPerCount = 1;
const msPerMinute = 60_000;

export const getPohCounter = defineCommand<undefined, number>({
  netFn: netFn.chassis,
  command: 0x0f,
  name: "Get POH Counter",
  section: "28.14",
  privilege: privilege.user,
  run: async (_request, context) => {
    const powerState = await context.machine.powerState();
    if (powerState !== "poweredOn") {
      return 0;
    }
    // The clocks of vCenter and of this host may differ.
    return Math.max(0, Math.min(Math.floor((await uptimeMs(context)) / msPerMinute), 0xffff_ffff));
  },
  encode: (minutes) => {
    const data = Buffer.alloc(5);
    data.writeUInt8(minutesPerCount, 0);
    data.writeUInt32LE(minutes, 1);
    return data;
  },
});

/**
 * If vSphere does not report when the VM was powered on (a standalone ESXi after its own restart), the longer of the
 * reported uptime and the time that the BMC has seen it on.
 */
async function uptimeMs({ machine, bmc, now }: CommandContext): Promise<number> {
  const bootTime = Date.parse(machine.snapshot()?.bootTime ?? "");
  if (!Number.isNaN(bootTime)) {
    return now - bootTime;
  }
  const statistics = await machine.statistics().catch((): MachineStatistics => ({}));
  return Math.max((secondsOn({}, statistics, now) ?? 0) * 1_000, now - (bmc.chassis.onSince() ?? now));
}
