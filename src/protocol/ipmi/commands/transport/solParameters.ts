/** SOL configuration parameters (IPMI 2.0 §26.3, table 26-5): one row each, how it is read and written. */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { type BitRate, bitRates } from "../../../../model/bmc/sol/solSettings.js";
import { lanChannel } from "../../channelNumber.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { requireDataLength } from "../../requestData.js";

export interface SolParameter {
  readonly read: (bmc: Bmc) => Buffer;
  /** Absent: read-only. Throws CompletionError. */
  readonly write?: (data: Buffer, bmc: Bmc) => void | Promise<void>;
}

const setInProgress = 1;
const commitWrite = 2;
const enabled = 0x01;
const encryptionBit = 0x80;
const authenticationBit = 0x40;
const lowestPrivilege = 2;
const highestPrivilege = 5;

export const solParameters: readonly SolParameter[] = [
  /** 0 Set in progress: no lock, which a client that died would hold; what is written is in force at once. */
  {
    read: ({ sol }) => Buffer.from([sol.setInProgress]),
    write: (data, { sol }) => {
      const state = only(data) & 0x03;
      requireRange(state, 0, commitWrite);
      sol.setInProgress = state === setInProgress ? setInProgress : 0;
    },
  },
  /** 1 SOL enable. */
  {
    read: ({ sol, console }) => Buffer.from([console && sol.kept().isEnabled ? enabled : 0]),
    write: (data, { sol, console }) => {
      const isEnabled = (only(data) & enabled) !== 0;
      if (isEnabled && !console) {
        throw new CompletionError(
          completionCode.notSupportedInPresentState,
          "the BMC has no console: see docs/console.md",
        );
      }
      return console ? sol.change({ isEnabled }) : undefined;
    },
  },
  /** 2 SOL authentication: who may use it, and how it must be protected. */
  {
    read: ({ sol }) => {
      const { forcesEncryption, forcesAuthentication, privilegeLevel } = sol.kept();
      const flags = (forcesEncryption ? encryptionBit : 0) | (forcesAuthentication ? authenticationBit : 0);
      return Buffer.from([flags | privilegeLevel]);
    },
    write: (data, { sol }) => {
      const value = only(data);
      const privilegeLevel = value & 0x0f;
      requireRange(privilegeLevel, lowestPrivilege, highestPrivilege);
      return sol.change({
        forcesEncryption: (value & encryptionBit) !== 0,
        forcesAuthentication: (value & authenticationBit) !== 0,
        privilegeLevel,
      });
    },
  },
  /** 3 Character accumulate interval and send threshold. */
  {
    read: ({ sol }) => Buffer.from([sol.kept().accumulateInterval, sol.kept().sendThreshold]),
    write: (data, { sol }) => {
      requireDataLength(data, 2);
      const [accumulateInterval = 0, sendThreshold = 0] = data;
      requireRange(accumulateInterval, 1, 0xff);
      requireRange(sendThreshold, 1, 0xff);
      return sol.change({ accumulateInterval, sendThreshold });
    },
  },
  /** 4 SOL retry: count and interval. */
  {
    read: ({ sol }) => Buffer.from([sol.kept().retryCount, sol.kept().retryInterval]),
    write: (data, { sol }) => {
      requireDataLength(data, 2);
      const [count = 0, retryInterval = 0] = data;
      return sol.change({ retryCount: count & 0x07, retryInterval });
    },
  },
  /** 5 Non-volatile bit rate. */
  {
    read: ({ sol }) => Buffer.from([sol.kept().bitRate]),
    write: (data, { sol }) => sol.change({ bitRate: bitRateOf(data) }),
  },
  /** 6 Volatile bit rate. */
  {
    read: ({ sol }) => Buffer.from([sol.volatileBitRate]),
    write: (data, { sol }) => {
      sol.volatileBitRate = bitRateOf(data);
    },
  },
  /** 7 Payload channel. */
  { read: () => Buffer.from([lanChannel]) },
  /** 8 Payload port number. */
  {
    read: (bmc) => {
      const port = Buffer.alloc(2);
      port.writeUInt16LE(bmc.solPort());
      return port;
    },
  },
];

function only(data: Buffer): number {
  requireDataLength(data, 1);
  return data.readUInt8(0);
}

function bitRateOf(data: Buffer): BitRate {
  const wanted = only(data) & 0x0f;
  const rate = bitRates.find((each) => each === wanted);
  if (rate === undefined) {
    throw outOfRange(wanted);
  }
  return rate;
}

function requireRange(value: number, minimum: number, maximum: number): void {
  if (value < minimum || value > maximum) {
    throw outOfRange(value);
  }
}

function outOfRange(value: number): CompletionError {
  return new CompletionError(completionCode.parameterOutOfRange, `value ${value}`);
}
