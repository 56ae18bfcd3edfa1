/** Get Device ID (IPMI 2.0 §20.1, table 20-2). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { decodeNothing } from "../../requestData.js";

const deviceId = 0x20;
const deviceRevision = 0x01;
/** IPMI 2.0, BCD with the digits swapped. */
const ipmiVersion = 0x02;
/** Additional device support: bit 7 chassis device; neither SEL, SDR nor FRU. */
const chassisDevice = 0x80;
/** VMware's IANA enterprise number: what is managed is theirs. */
const manufacturerId = 6876;
const productId = 0x0001;

export const getDeviceId = defineCommand<undefined, string>({
  netFn: netFn.app,
  command: 0x01,
  name: "Get Device ID",
  section: "20.1",
  privilege: privilege.user,
  decode: decodeNothing,
  run: (_request, { bmc }) => bmc.firmwareVersion,
  encode: (firmwareVersion) => {
    const [major = 0, minor = 0, patch = 0] = firmwareVersion.split(".").map((part) => Number.parseInt(part, 10));
    const data = Buffer.alloc(15);
    data.set([deviceId, deviceRevision, major & 0x7f, binaryCodedDecimal(minor), ipmiVersion, chassisDevice]);
    data.writeUIntLE(manufacturerId, 6, 3);
    data.writeUInt16LE(productId, 9);
    data.writeUInt8(patch & 0xff, 11);
    return data;
  },
});

function binaryCodedDecimal(value: number): number {
  return (Math.floor((value % 100) / 10) << 4) | (value % 10);
}
