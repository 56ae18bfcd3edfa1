/** Chassis Control (IPMI 2.0 §28.3, table 28-4). */
import { restartCause } from "../../../../model/bmc/power/restartCause.js";
import type { PowerOperation } from "../../../../model/machine/machine.js";
import { defineCommand } from "../../command.js";
import { originOf } from "../../eventOrigin.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

/** Bits [3:0] of the request; values not listed are undefined or reserved. */
const actions: readonly (PowerOperation | "diagnosticInterrupt")[] = [
  "off",
  "on",
  "cycle",
  "reset",
  "diagnosticInterrupt",
  "softShutdown",
];

/** Their names in the event list. */
const descriptions: readonly string[] = [
  "power off",
  "power on",
  "power cycle",
  "power reset",
  "diagnostic interrupt",
  "soft shutdown",
];

export const chassisControl = defineCommand<number>({
  netFn: netFn.chassis,
  command: 0x02,
  name: "Chassis Control",
  section: "28.3",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0) & 0x0f;
  },
  describe: (control) => descriptions[control],
  run: async (control, context) => {
    const { machine, bmc } = context;
    const origin = originOf(context);
    const action = actions[control];
    if (action === undefined) {
      throw invalidField(`chassis control ${control}`);
    }
    if (action === "diagnosticInterrupt") {
      bmc.bootFlags.chassisControlled(false);
      await machine.diagnosticInterrupt();
      bmc.events.record({ type: "diagnosticInterrupt", origin });
    } else {
      await bmc.chassis.power(action, restartCause.chassisControl, origin);
    }
  },
});
