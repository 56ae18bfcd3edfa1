/** Get POH Counter (IPMI 2.0 §28.14): how long the VM has been running since it was switched on. */
import type { MachineSnapshot } from "../../../machine/snapshot.js";
import { defineCommand } from "../../command.js";
import { CompletionError, completionCode } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { decodeNothing } from "../../requestData.js";

const minutesPerCount = 1;
const msPerMinute = 60_000;

export const getPohCounter = defineCommand<undefined, number>({
  netFn: netFn.chassis,
  command: 0x0f,
  name: "Get POH Counter",
  section: "28.14",
  privilege: privilege.user,
  decode: decodeNothing,
  run: (_request, { machine, now }) => {
    const uptimeMs = uptimeOf(machine.snapshot(), now);
    if (uptimeMs === undefined) {
      throw new CompletionError(completionCode.cannotProvideResponse, "vSphere does not tell since when the VM runs");
    }
    // The clocks of vCenter and of this host need not agree.
    return Math.max(0, Math.floor(uptimeMs / msPerMinute));
  },
  encode: (minutes) => {
    const data = Buffer.alloc(5);
    data.writeUInt8(minutesPerCount, 0);
    data.writeUInt32LE(minutes, 1);
    return data;
  },
});

function uptimeOf(snapshot: MachineSnapshot | undefined, now: number): number | undefined {
  if (snapshot && snapshot.powerState !== "poweredOn") {
    return 0;
  }
  const bootTime = Date.parse(snapshot?.bootTime ?? "");
  return Number.isNaN(bootTime) ? undefined : now - bootTime;
}
