/** Get Payload Activation Status (IPMI 2.0 §24.4, table 24-6). */
import { payloadType } from "../../../rmcp/rmcpPlusWrapper.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

interface Status {
  readonly capacity: number;
  readonly isActive: boolean;
}

export const getPayloadActivationStatus = defineCommand<number, Status>({
  netFn: netFn.app,
  command: 0x4a,
  name: "Get Payload Activation Status",
  section: "24.4",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0) & 0x3f;
  },
  // IPMI messages are not activated: they come with the session.
  run: (type, { bmc, sol }) =>
    type === payloadType.sol && bmc.console
      ? { capacity: 1, isActive: sol.owner() !== undefined }
      : { capacity: 0, isActive: false },
  encode: ({ capacity, isActive }) => Buffer.from([capacity, isActive ? 0x01 : 0x00, 0x00]),
});
