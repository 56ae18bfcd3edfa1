/** Reads errors of unknown type: every `catch` variable and rejection. */

/** What went wrong, in one line where the error's author kept to one. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stack where there is one: for logging unexpected errors. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The value itself if it is an Error, else an Error with its text. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Node's code, e.g. `EADDRINUSE`; undefined when the error has none. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? String(code) : undefined;
}

/** Whether the error has one of these codes, e.g. `ENOENT`. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  const code = errorCode(error);
  return code !== undefined && codes.includes(code);
}
