/** Checks that command decoders share: a wrong length is C7h, a field out of range CCh (IPMI 2.0 table 5-2). */
import { completionCode, CompletionError } from "./completionCode.js";

/** Throws C7h unless `data` is `minimum` to `maximum` bytes long. */
export function requireDataLength(data: Buffer, minimum: number, maximum: number = minimum): void {
  if (data.length < minimum || data.length > maximum) {
    throw new CompletionError(completionCode.requestDataLengthInvalid, `request data of ${data.length} bytes`);
  }
}

export function invalidField(what: string): CompletionError {
  return new CompletionError(completionCode.invalidDataField, what);
}
