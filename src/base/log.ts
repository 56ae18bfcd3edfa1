/** The log function type; the caller decides where records go. */

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured data of a record; never a password, key, digest or SOAP body that holds one. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Logs one record. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;
