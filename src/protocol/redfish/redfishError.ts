/** Maps errors to status and error body (DSP0266 "Error responses"): one table for the errors of the model. */
import { isMachineError, type MachineErrorKind } from "../../model/machine/errors.js";
import type { RedfishResponse } from "./exchange.js";
import { type JsonObject, textOf } from "./json.js";
import { message, type MessageName } from "./messages.js";

/** `messages` are entries of `@Message.ExtendedInfo`, at least one; users see the first. */
export class RedfishError extends Error {
  override readonly name = "RedfishError";

  constructor(
    readonly status: number,
    readonly messages: readonly [JsonObject, ...JsonObject[]],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(textOf(messages[0]["Message"]));
  }
}

export function errorBody([first, ...others]: RedfishError["messages"]): JsonObject {
  return {
    error: {
      code: first["MessageId"],
      message: first["Message"],
      "@Message.ExtendedInfo": [first, ...others],
    },
  };
}

export function toErrorResponse({ status, messages, headers }: RedfishError): RedfishResponse {
  return { status, headers: { ...headers, ...errorHeaders }, body: errorBody(messages) };
}

const errorHeaders = { "Cache-Control": "no-cache" } as const;

interface Translation {
  readonly status: number;
  readonly message: MessageName;
  /** Retry after this many seconds. */
  readonly retryAfterSeconds?: number;
}

/**
 * 503 is for errors that a retry may fix; all others are 4xx, because clients retry 5xx and hide the reason. `denied`
 * concerns the vSphere account: 403 would blame the user.
 */
export const machineErrorStatus: Readonly<Record<MachineErrorKind, Translation>> = {
  busy: { status: 503, message: "ServiceTemporarilyUnavailable", retryAfterSeconds: 5 },
  unavailable: { status: 503, message: "ServiceTemporarilyUnavailable", retryAfterSeconds: 30 },
  unsupported: { status: 400, message: "GeneralError" },
  invalidState: { status: 409, message: "ResourceInUse" },
  notFound: { status: 503, message: "ServiceTemporarilyUnavailable", retryAfterSeconds: 60 },
  denied: { status: 400, message: "GeneralError" },
  timedOut: { status: 500, message: "OperationTimeout" },
  badImage: { status: 400, message: "GeneralError" },
};

/** Compare by name: an error may come from another bundle's copy of its class. */
function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function ofMachine(kind: MachineErrorKind, text: string): RedfishError {
  const { status, message: name, retryAfterSeconds } = machineErrorStatus[kind];
  const args = retryAfterSeconds === undefined ? [] : [String(retryAfterSeconds)];
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  return new RedfishError(status, [message(name, args, { text })], headers);
}

/** undefined for an unexpected error. */
export function toRedfishError(error: unknown): RedfishError | undefined {
  // Only this module throws them.
  if (error instanceof RedfishError) {
    return error;
  }
  if (isMachineError(error)) {
    return ofMachine(error.kind, error.message);
  }
  if (isNamed(error, "LastAdministratorError")) {
    return new RedfishError(409, [message("ResourceInUse", [], { text: error.message })]);
  }
  if (isNamed(error, "StorageError")) {
    return new RedfishError(503, [message("ServiceTemporarilyUnavailable", ["60"], { text: error.message })], {
      "Retry-After": "60",
    });
  }
  return undefined;
}

export function internalError(): RedfishError {
  return new RedfishError(500, [message("InternalError")]);
}
