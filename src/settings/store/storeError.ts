/** Errors of the store. */
import { fileFault } from "../../io/files/errno.js";

/** invalidName, invalidValue: user errors; io: an error of the file system. */
export type StoreErrorKind = "invalidName" | "invalidValue" | "exists" | "notFound" | "broken" | "io";

/** `message` is one line for the user, without secrets. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(
    readonly kind: StoreErrorKind,
    message: string,
  ) {
    super(message);
  }
}

/** A file system error as one line that names the file. */
export function toStoreError(error: unknown, file: string): StoreError {
  return error instanceof StoreError ? error : new StoreError("io", `${file}: ${fileFault(error)}`);
}
