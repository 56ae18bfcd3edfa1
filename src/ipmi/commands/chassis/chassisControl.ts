/** Chassis Control (IPMI 2.0 §28.3, table 28-4). */
import type { Machine } from "../../../machine/machine.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { encodeNothing, invalidField, requireDataLength } from "../../requestData.js";

/** Bits [3:0] of the request; what is not here is undefined or reserved. */
const actions: readonly ((machine: Machine) => Promise<void>)[] = [
  (machine) => machine.power("off"),
  (machine) => machine.power("on"),
  (machine) => machine.power("cycle"),
  (machine) => machine.power("reset"),
  (machine) => machine.diagnosticInterrupt(),
  (machine) => machine.power("softShutdown"),
];
const powerUp = 0x01;

export const chassisControl = defineCommand<number, undefined>({
  netFn: netFn.chassis,
  command: 0x02,
  name: "Chassis Control",
  section: "28.3",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0) & 0x0f;
  },
  run: async (control, { machine, bmc }) => {
    const act = actions[control];
    if (!act) {
      throw invalidField(`chassis control ${control}`);
    }
    await act(machine);
    bmc.chassis.poweredOnByCommand = control === powerUp;
    return undefined;
  },
  encode: encodeNothing,
});
