export type LogLevel = "debug" | "info" | "warn" | "error";

/** One event; `fields` never hold a password, key or digest. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
