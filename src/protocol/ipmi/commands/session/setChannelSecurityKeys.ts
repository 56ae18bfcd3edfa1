/**
 * Set Channel Security Keys (IPMI 2.0 §22.25, table 22-30): the keys are part of the configuration, and cannot be read.
 */
import { timingSafeEqual } from "node:crypto";

import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const set = 1;
const lock = 2;
const keyKr = 0;
const keyKg = 1;
const keyIsLocked = 0x80;
const krIsNotUsed = 0x84;
const lockedStatus = 0x01;
const maxKeyLength = 20;

interface Request {
  readonly operation: number;
  readonly key: number;
  readonly value: Buffer;
}

export const setChannelSecurityKeys = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x56,
  name: "Set Channel Security Keys",
  section: "22.25",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 3 + maxKeyLength);
    const [channel = 0, operationByte = 0, key = 0] = data;
    resolveChannel(channel);
    const operation = operationByte & 0x03;
    if (operation > lock || key > keyKg) {
      throw invalidField(`operation ${operation} on key ${key}`);
    }
    return { operation, key, value: data.subarray(3) };
  },
  run: ({ operation, key, value }, { bmc }) => {
    if (operation === set && !isInForce(key === keyKg ? bmc.kg : undefined, value)) {
      throw key === keyKr
        ? new CompletionError(krIsNotUsed, "K_R is the user password in RAKP and cannot be set")
        : new CompletionError(keyIsLocked, "the BMC key is set by the configuration (kg)");
    }
  },
  encode: () => Buffer.from([lockedStatus]),
});

/** Zeros are no key. FreeIPMI's ipmi-config writes back the keys that it was given, or zeros. */
function isInForce(current: Buffer | undefined, value: Buffer): boolean {
  const padded = (key: Buffer): Buffer => Buffer.concat([key], maxKeyLength);
  return value.length === maxKeyLength && timingSafeEqual(padded(value), padded(current ?? Buffer.alloc(0)));
}
