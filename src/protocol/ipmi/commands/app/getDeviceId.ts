/** Get Device ID (IPMI 2.0 §20.1, table 20-2). */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { deviceSupport } from "../../../../model/bmc/identity/deviceSupport.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const deviceId = 0x20;
const deviceRevision = 0x01;
/** IPMI 2.0, BCD with the digits swapped. */
const ipmiVersion = 0x02;
/** VMware's IANA enterprise number: the managed system is theirs. */
const manufacturerId = 6876;
const productId = 0x0001;

export const getDeviceId = defineCommand<undefined, Buffer>({
  netFn: netFn.app,
  command: 0x01,
  name: "Get Device ID",
  section: "20.1",
  privilege: privilege.user,
  run: (_request, { bmc }) => {
    const data = answers.get(bmc) ?? encodeDeviceId(bmc);
    answers.set(bmc, data);
    return data;
  },
  encode: (data) => data,
});

/** It never changes, and clients ask for it to find out whether a BMC is there. */
const answers = new WeakMap<Bmc, Buffer>();

function encodeDeviceId({ firmwareVersion }: Bmc): Buffer {
  const [major = 0, minor = 0, patch = 0] = firmwareVersion.split(".").map((part) => Number.parseInt(part, 10));
  const data = Buffer.alloc(15);
  data.set([deviceId, deviceRevision, major & 0x7f, binaryCodedDecimal(minor), ipmiVersion, deviceSupport]);
  data.writeUIntLE(manufacturerId, 6, 3);
  data.writeUInt16LE(productId, 9);
  data.writeUInt8(patch & 0xff, 11);
  return data;
}

function binaryCodedDecimal(value: number): number {
  return (Math.floor((value % 100) / 10) << 4) | (value % 10);
}
