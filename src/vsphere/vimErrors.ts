/** What can go wrong with a call. Never the errors of `soap` or Node themselves: those can hold the request's password. */

import { MachineError } from "../model/machine/errors.js";

/** A fault that the server answered, by its vim25 type name, e.g. `InvalidPowerState`. */
export class VimFault extends Error {
  override readonly name = "VimFault";

  constructor(
    readonly fault: string,
    message: string,
    /** The fault's fields as `soap` parsed them, e.g. existingState. */
    readonly detail?: unknown,
    /** The method that answered with it; undefined for a fault within an answer, such as a task's. */
    readonly method?: string,
  ) {
    super(`${fault}: ${message}`);
  }
}

/** `protocol`: the server speaks no TLS that we do; `notSent`: too many calls waited, and this one was not made. */
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

/** A call that was meant for one session was not made, since there is another one now. */
export class SessionChanged extends MachineError {
  constructor() {
    super("busy", "the session at vSphere was opened anew meanwhile: try again");
  }
}
