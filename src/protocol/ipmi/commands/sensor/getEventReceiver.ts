/** Get Event Receiver (IPMI 2.0 §29.2): the BMC receives its own events, at 20h, LUN 0. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const bmcAddress = 0x20;

export const getEventReceiver = defineCommand({
  netFn: netFn.sensorEvent,
  command: 0x01,
  name: "Get Event Receiver",
  section: "29.2",
  privilege: privilege.user,
  encode: () => Buffer.from([bmcAddress, 0x00]),
});
