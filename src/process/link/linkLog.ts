import type { LogLevel } from "../ipc/messages.js";

/** Sends a log record to the supervisor. */
export type LinkLog = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
