/** Get IP/UDP/RMCP Statistics (IPMI 2.0 §23.4, table 23-6); ipmitool 1.8.19 shows the numbers with their bytes swapped. */
import type { LanStatistics } from "../../../../model/bmc/lan/lanStatistics.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const clear = 0x01;
const fieldCount = 9;
const highest = 0xffff;

export const getIpUdpRmcpStatistics = defineCommand<boolean, LanStatistics>({
  netFn: netFn.transport,
  command: 0x04,
  name: "Get IP/UDP/RMCP Statistics",
  section: "23.4",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
    return (data.readUInt8(1) & clear) !== 0;
  },
  run: (clears, { bmc }) => {
    const { lanStatistics } = bmc;
    if (clears) {
      Object.assign(lanStatistics, { udpReceived: 0, sent: 0, rmcpReceived: 0 });
    }
    return lanStatistics;
  },
  encode: ({ udpReceived, sent, rmcpReceived }) => {
    const data = Buffer.alloc(2 * fieldCount);
    // What the kernel drops (bad headers, foreign addresses, fragments) never arrives here, and there is no UDP proxy.
    const fields = [udpReceived, 0, 0, 0, sent, udpReceived, rmcpReceived, 0, 0];
    fields.forEach((value, index) => data.writeUInt16LE(Math.min(value, highest), 2 * index));
    return data;
  },
});
