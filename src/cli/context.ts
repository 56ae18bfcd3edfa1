/** The environment of a command, replaceable in tests and in interactive mode. */
import type { ControlResponse } from "../control/messages.js";
import type { Config } from "../settings/config/config.js";
import type { Places } from "../settings/config/places.js";

export interface CliContext {
  /** Depends on the name that the program was called by. */
  readonly places: Places;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Read when first needed; throws ConfigError. */
  readonly config: () => Config;
  /** Throws ControlError if the daemon does not answer, FailedRequest if it reports a failure. */
  readonly request: (request: Readonly<Record<string, unknown>>, options?: RequestOptions) => Promise<ControlResponse>;
  /** Whether standard output shows colours. */
  readonly isColoured: boolean;
  /** Writes progress to a terminal; undefined without a terminal. */
  readonly progress: ((text: string) => void) | undefined;
  /** Columns of the terminal, or undefined. */
  readonly terminalWidth: number | undefined;
}

export interface RequestOptions {
  /** Timeout for the answer, if longer than `server_response_timeout`. */
  readonly timeoutMs?: number;
  /** Returns an answer that reports failures instead of throwing. */
  readonly takesFailures?: boolean;
}

/** A user error, reported in one line; `code` is the exit code. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** The error for an answer that reports failures. */
export function failureOf({ rc, msg = [] }: ControlResponse): CliError {
  return new CliError(`(${rc}): ${msg.join("\n")}`);
}
