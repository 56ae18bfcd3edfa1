/** Get Payload Activation Status (IPMI 2.0 §24.4, table 24-6). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** No payload type here needs activation: IPMI messages are part of the session. */
const noInstances = [0x00, 0x00, 0x00] as const;

export const getPayloadActivationStatus = defineCommand({
  netFn: netFn.app,
  command: 0x4a,
  name: "Get Payload Activation Status",
  section: "24.4",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
  },
  encode: () => Buffer.from(noInstances),
});
