/** The function that code which logs is given: where the records go is decided by its caller. */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured data of a record; never a password, key, digest or SOAP body that holds one. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Logs one record. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;
