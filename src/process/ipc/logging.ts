/** Log records that a child or link sends to the supervisor, which writes them. */
import type { LogFields, LogLevel } from "../../base/log.js";

/** From least to most important. */
const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export interface LogMessage {
  readonly type: "log";
  readonly level: LogLevel;
  readonly message: string;
  /** vm, session, command, completionCode, ms …; never a secret. */
  readonly fields: LogFields;
}

/** Records below `level` need not be sent; "info" by default. */
export interface LogLevelMessage {
  readonly type: "logLevel";
  readonly level: LogLevel;
}

/** Whether a record is important enough to be sent. */
export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}
