/** Errors of a call. They never wrap errors of `soap` or Node, which can hold the request's password. */

import { MachineError } from "../model/machine/errors.js";

/** A fault that the server answered, by its vim25 type name, e.g. `InvalidPowerState`. */
export class VimFault extends Error {
  override readonly name = "VimFault";

  constructor(
    readonly fault: string,
    message: string,
    /** The fault's fields as `soap` parsed them, e.g. existingState. */
    readonly detail?: unknown,
    /** The method that failed with it; undefined for a fault within an answer, such as a task's. */
    readonly method?: string,
  ) {
    super(`${fault}: ${message}`);
  }
}

/** `protocol`: no common TLS version; `notSent`: too many calls were waiting, and this one was not sent. */
export type TransportProblem = "unreachable" | "timeout" | "badResponse" | "certificate" | "protocol" | "notSent";

/** No fault and no result: the server was not reached, did not answer in time, or answered something else. */
export class VimTransportError extends Error {
  override readonly name = "VimTransportError";

  constructor(
    readonly problem: TransportProblem,
    message: string,
  ) {
    super(message);
  }
}

/** The call was not sent, since its session has been replaced. */
export class SessionChanged extends MachineError {
  constructor() {
    super("busy", "the vSphere session was replaced in the meantime: try again");
  }
}
