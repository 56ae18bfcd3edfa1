/** Completion codes (IPMI 2.0 table 5-2, and the command-specific ones that this BMC uses). */
import { hexByte } from "../../base/hex.js";

export const completionCode = {
  ok: 0x00,
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  invalidCommandForLun: 0xc2,
  timeout: 0xc3,
  outOfSpace: 0xc4,
  reservationCanceled: 0xc5,
  requestDataTruncated: 0xc6,
  requestDataLengthInvalid: 0xc7,
  requestDataFieldLengthLimitExceeded: 0xc8,
  parameterOutOfRange: 0xc9,
  cannotReturnRequestedBytes: 0xca,
  notPresent: 0xcb,
  invalidDataField: 0xcc,
  illegalForSensorOrRecord: 0xcd,
  cannotProvideResponse: 0xce,
  cannotExecuteDuplicate: 0xcf,
  sdrInUpdateMode: 0xd0,
  firmwareUpdateMode: 0xd1,
  bmcInitializing: 0xd2,
  destinationUnavailable: 0xd3,
  insufficientPrivilege: 0xd4,
  notSupportedInPresentState: 0xd5,
  subFunctionDisabled: 0xd6,
  unspecified: 0xff,
  /** Parameter not supported (get and set of numbered parameters, e.g. §23.1, §28.12). */
  parameterNotSupported: 0x80,
  /** Attempt to set "set in progress" when it is not "set complete" (§23.1, §28.12). */
  setInProgress: 0x81,
  /** Attempt to write a read-only parameter (§23.1, §28.12). */
  readOnlyParameter: 0x82,
} as const;

/** Thrown by a command's decode or run: the dispatcher responds with `code` and `data`. */
export class CompletionError extends Error {
  override readonly name = "CompletionError";

  constructor(
    readonly code: number,
    message?: string,
    readonly data: Buffer = Buffer.alloc(0),
  ) {
    super(message ?? `completion code ${hexByte(code)}h`);
  }
}
