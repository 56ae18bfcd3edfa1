/** invalidName and invalidValue: the user's to correct; exists, notFound: as they say; io: the file system's reason. */
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

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  EDQUOT: "disk quota exceeded",
  EROFS: "read-only file system",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EIO: "input/output error",
};

/** A file system error as one line that names the file. */
export function toStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  if (!(error instanceof Error)) return new StoreError("io", `${file}: ${String(error)}`);
  const code = "code" in error ? String(error.code) : "";
  return new StoreError("io", `${file}: ${reasons[code] ?? error.message}`);
}
