/** Get Power Reading (DCMI 1.5 §6.6.1, table 6-16). */
import type { PowerStatistics } from "../../../../model/bmc/power/powerMeter.js";
import { defineCommand } from "../../command.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { dcmiGroup } from "./dcmiCommand.js";

const systemPowerStatistics = 0x01;
const measurementActive = 0x40;

/**
 * The content of a reading while power is not measured: the VM is off, its host has no counter, or vCenter is
 * unreachable.
 */
const nothingMeasured: PowerStatistics = { current: 0, minimum: 0, maximum: 0, average: 0, periodMs: 0 };

interface Response {
  readonly statistics: PowerStatistics | undefined;
  /** The BMC's time, seconds. */
  readonly now: number;
}

export const getPowerReading = defineCommand<undefined, Response>({
  ...dcmiGroup,
  command: 0x02,
  name: "Get Power Reading",
  section: "DCMI 1.5 §6.6.1",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 3);
    if (data.readUInt8(0) !== systemPowerStatistics) {
      throw invalidField("there are no enhanced power statistics");
    }
  },
  run: async (_request, { bmc }) => ({ statistics: await bmc.power.read(), now: bmc.clock.now() }),
  encode: ({ statistics, now }) => {
    const { current, minimum, maximum, average, periodMs } = statistics ?? nothingMeasured;
    const data = Buffer.alloc(17);
    [current, minimum, maximum, average].forEach((watts, index) => {
      data.writeUInt16LE(Math.max(0, Math.min(Math.round(watts), 0xffff)), 2 * index);
    });
    data.writeUInt32LE(now, 8);
    data.writeUInt32LE(Math.min(periodMs, 0xffff_ffff), 12);
    data.writeUInt8(statistics ? measurementActive : 0, 16);
    return data;
  },
});
