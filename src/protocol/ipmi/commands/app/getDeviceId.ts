/** Get Device ID (IPMI 2.0 §20.1, table 20-2). */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { type CommandContext, defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const deviceId = 0x20;
const deviceRevision = 0x01;
/** IPMI 2.0, BCD with the digits swapped. */
const ipmiVersion = 0x02;
/** VMware's IANA enterprise number: what is managed is theirs. */
const manufacturerId = 6876;
const productId = 0x0001;

/** Additional device support: a bit is set when the command that such a device must have is in the table. */
const deviceSupport: readonly (readonly [bit: number, netFn: number, command: number])[] = [
  /** Sensor device: Get Sensor Reading. */
  [0x01, netFn.sensorEvent, 0x2d],
  /** SDR repository device: Get SDR Repository Info. */
  [0x02, netFn.storage, 0x20],
  /** SEL device: Get SEL Info. */
  [0x04, netFn.storage, 0x40],
  /** FRU inventory device: Get FRU Inventory Area Info. */
  [0x08, netFn.storage, 0x10],
  /** IPMB event receiver: Platform Event Message. */
  [0x10, netFn.sensorEvent, 0x02],
  /** IPMB event generator: Set Event Receiver. */
  [0x20, netFn.sensorEvent, 0x00],
  /** Bridge: Get Bridge State. */
  [0x40, netFn.bridge, 0x00],
  /** Chassis device: Get Chassis Status. */
  [0x80, netFn.chassis, 0x01],
];

interface Response {
  /** Major, minor and patch. */
  readonly version: readonly number[];
  readonly support: number;
}

/** It is the same each time, and the first thing that most clients ask. */
const responses = new WeakMap<Bmc, Response>();

export const getDeviceId = defineCommand<undefined, Response>({
  netFn: netFn.app,
  command: 0x01,
  name: "Get Device ID",
  section: "20.1",
  privilege: privilege.user,
  run: (_request, { bmc, hasCommand }) => {
    const known = responses.get(bmc);
    if (known) {
      return known;
    }
    const version = bmc.firmwareVersion.split(".").map((part) => Number.parseInt(part, 10));
    const response = { version, support: supportOf(hasCommand) };
    responses.set(bmc, response);
    return response;
  },
  encode: ({ version: [major = 0, minor = 0, patch = 0], support }) => {
    const data = Buffer.alloc(15);
    data.set([deviceId, deviceRevision, major & 0x7f, binaryCodedDecimal(minor), ipmiVersion, support]);
    data.writeUIntLE(manufacturerId, 6, 3);
    data.writeUInt16LE(productId, 9);
    data.writeUInt8(patch & 0xff, 11);
    return data;
  },
});

function supportOf(hasCommand: CommandContext["hasCommand"]): number {
  return deviceSupport.reduce((bits, [bit, ...command]) => (hasCommand(...command) ? bits | bit : bits), 0);
}

function binaryCodedDecimal(value: number): number {
  return (Math.floor((value % 100) / 10) << 4) | (value % 10);
}
