import type { LogLevel } from "../child/messages.js";

/** Sends a log record to the supervisor. */
export type LinkLog = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
