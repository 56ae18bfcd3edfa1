/**
 * Serial/Modem configuration parameters (IPMI 2.0 §25.3, table 25-4): those that any direct connection has. None can be
 * changed: no IPMI messages come by the VM's serial port. FreeIPMI's `bmc-config` reads them.
 */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import { serialChannel } from "../../channelNumber.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { invalidField } from "../../requestData.js";

/** Parameter 3: by a cable, not by a modem; neither basic, PPP nor terminal mode is enabled. */
const directConnection = 0x80;
/** Parameter 7: no flow control, no hang-up by DTR. */
const noFlowControl = 0x00;
/** Parameter 7: a port without a bit rate says the usual one, 115.2 kbit/s, where SOL leaves it open. */
const usualBitRate = 10;

const privilegeLevels = 5;

export const serialParameters: Readonly<Record<number, (bmc: Bmc) => Buffer>> = {
  /** Set in progress: complete. */
  0: () => Buffer.from([0x00]),
  /** Authentication type support: none. */
  1: () => Buffer.from([0x00]),
  /** Authentication type enables. */
  2: () => Buffer.alloc(privilegeLevels),
  3: () => Buffer.from([directConnection]),
  /** Session inactivity timeout: there are no sessions. */
  4: () => Buffer.from([0x00]),
  /** Session termination. */
  6: () => Buffer.from([0x00]),
  7: ({ sol }) => Buffer.from([noFlowControl, sol.volatileBitRate === 0 ? usualBitRate : sol.volatileBitRate]),
  /** Page blackout interval: no pages are sent. */
  14: () => Buffer.from([0x00]),
  /** Number of alert destinations. */
  16: () => Buffer.from([0x00]),
  /** Call retry interval. */
  18: () => Buffer.from([0x00]),
};

/** Throws 80h for a number that is not known. */
export function readSerialParameter(number: number, bmc: Bmc): Buffer {
  const read = serialParameters[number];
  if (!read) {
    throw new CompletionError(completionCode.parameterNotSupported, `serial parameter ${number}`);
  }
  return read(bmc);
}

/** Throws CCh for the number of any other channel. */
export function requireSerialChannel(byte: number): void {
  const channel = byte & 0x0f;
  if (channel !== serialChannel) {
    throw invalidField(`channel ${channel} is no serial port`);
  }
}
