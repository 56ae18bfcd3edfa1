/** Additional device support, as the command table gives it (IPMI 2.0 table 20-2, byte 6). */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deviceSupport } from "../../../src/model/bmc/identity/deviceSupport.js";
import { commands } from "../../../src/protocol/ipmi/commands/index.js";

/** Bit, and netFn and number of the command that such a device must have. */
const devices: readonly (readonly [name: string, bit: number, netFn: number, command: number])[] = [
  ["sensor device: Get Sensor Reading", 0x01, 0x04, 0x2d],
  ["SDR repository device: Get SDR Repository Info", 0x02, 0x0a, 0x20],
  ["SEL device: Get SEL Info", 0x04, 0x0a, 0x40],
  ["FRU inventory device: Get FRU Inventory Area Info", 0x08, 0x0a, 0x10],
  ["IPMB event receiver: Platform Event Message", 0x10, 0x04, 0x02],
  ["IPMB event generator: Set Event Receiver", 0x20, 0x04, 0x00],
  ["bridge: Get Bridge State", 0x40, 0x02, 0x00],
  ["chassis device: Get Chassis Status", 0x80, 0x00, 0x01],
];

for (const [name, bit, netFn, command] of devices) {
  test(`the BMC says that it is a ${name} if it has the command`, () => {
    const hasCommand = commands.some((row) => row.netFn === netFn && row.command === command);
    assert.equal((deviceSupport & bit) !== 0, hasCommand);
  });
}
