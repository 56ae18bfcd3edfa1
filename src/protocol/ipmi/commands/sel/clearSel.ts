/** Clear SEL (IPMI 2.0 §31.9, table 31-9). */
import { defineCommand } from "../../command.js";
import { originOf } from "../../eventOrigin.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { requireReservation } from "./requireReservation.js";

const initiateErase = 0xaa;
const getErasureStatus = 0x00;
const erasureCompleted = 0x01;

export const clearSel = defineCommand<{ reservation: number; operation: number }>({
  netFn: netFn.storage,
  command: 0x47,
  name: "Clear SEL",
  section: "31.9",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 6);
    if (data.toString("latin1", 2, 5) !== "CLR") {
      throw invalidField('the request does not contain "CLR"');
    }
    const operation = data.readUInt8(5);
    if (operation !== initiateErase && operation !== getErasureStatus) {
      throw invalidField(`operation ${operation}`);
    }
    return { reservation: data.readUInt16LE(0), operation };
  },
  run: async ({ reservation, operation }, context) => {
    const { bmc } = context;
    // The erasure cancels its reservation, but the same ID may still be used to query the status.
    if (operation === initiateErase) {
      requireReservation(bmc.selReservation, reservation);
      await bmc.sel.clear(bmc.clock.now());
      bmc.events.record({ type: "selCleared", origin: originOf(context) });
    }
  },
  encode: () => Buffer.from([erasureCompleted]),
});
