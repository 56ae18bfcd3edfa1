/** Chassis Identify (IPMI 2.0 §28.5, table 28-6): a VM has no light, but Get Chassis Status reports the state. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const defaultSeconds = 15;
const forceOn = 0x01;

/** The request is a duration in ms; 0 is off, Infinity until turned off. */
export const chassisIdentify = defineCommand<number>({
  netFn: netFn.chassis,
  command: 0x04,
  name: "Chassis Identify",
  section: "28.5",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 0, 2);
    const [seconds = defaultSeconds, flags = 0] = data;
    return (flags & forceOn) === 0 ? seconds * 1_000 : Infinity;
  },
  run: (durationMs, { bmc }) => {
    bmc.chassis.identify(durationMs);
  },
});
