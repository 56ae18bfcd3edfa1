/** What a command has to do with the world outside, so that tests and interactive mode can give it another one. */
import type { ControlResponse } from "../control/messages.js";
import type { Config } from "../settings/config/config.js";
import type { Places } from "../settings/config/places.js";

export interface CliContext {
  /** By the name that the program was called by. */
  readonly places: Places;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Read when first needed; throws ConfigError. */
  readonly config: () => Config;
  /** Throws ControlError when the daemon does not answer, FailedRequest when it answers with a failure. */
  readonly request: (request: Readonly<Record<string, unknown>>, options?: RequestOptions) => Promise<ControlResponse>;
  /** Whether standard output shows colours. */
  readonly isColoured: boolean;
  /** Writes to a terminal how far a command is; undefined where nobody looks. */
  readonly progress: ((text: string) => void) | undefined;
  /** Columns of the terminal, or undefined. */
  readonly terminalWidth: number | undefined;
}

export interface RequestOptions {
  /** How long the answer may take, if longer than `server_response_timeout`. */
  readonly timeoutMs?: number;
  /** An answer that tells of failures is given like any other. */
  readonly takesFailures?: boolean;
}

/** A mistake of the user's, told in one line; `code` is the exit code. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** What an answer that tells of failures ends a command with. */
export function failureOf({ rc, msg = [] }: ControlResponse): CliError {
  return new CliError(`(${rc}): ${msg.join("\n")}`);
}
