/** Get Payload Instance Info (IPMI 2.0 §24.5, table 24-7): by the session ID pyghmi sees that its console is still its own. */
import { payloadType } from "../../../rmcp/rmcpPlusWrapper.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { solInstance } from "./payloadTypes.js";

const sessionIdAndPayloadInfo = 12;
/** COM1: the one that the console is set up on. */
const serialPortNumber = 1;

export const getPayloadInstanceInfo = defineCommand<{ readonly isSol: boolean }, number | undefined>({
  netFn: netFn.app,
  command: 0x4b,
  name: "Get Payload Instance Info",
  section: "24.5",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    const [type = 0, instance] = data;
    return { isSol: (type & 0x3f) === payloadType.sol && instance === solInstance };
  },
  run: ({ isSol }, { bmc, sol }) => (isSol && bmc.console ? (sol.owner()?.sessionId ?? 0) : undefined),
  encode: (sessionId) => {
    const data = Buffer.alloc(sessionIdAndPayloadInfo);
    if (sessionId !== undefined) {
      data.writeUInt32LE(sessionId, 0);
      data.writeUInt8(serialPortNumber, 4);
    }
    return data;
  },
});
