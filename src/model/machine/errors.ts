/**
 * Why the machine did not carry out a request:
 * busy (in transition, or unknown for now: try again), unavailable (no connection to the hypervisor),
 * unsupported (never possible), invalidState (not in this power state, or Tools are missing),
 * notFound (no such VM, or several), denied (the account lacks the privilege), timedOut (requested, but no answer in time),
 * badImage (an image cannot be fetched, or is not an image: a retry does not help).
 */
export const machineErrorKinds = [
  "busy",
  "unavailable",
  "unsupported",
  "invalidState",
  "notFound",
  "denied",
  "timedOut",
  "badImage",
] as const;

export type MachineErrorKind = (typeof machineErrorKinds)[number];

/** `message` is one line with the problem and the remedy, without secrets. */
export class MachineError extends Error {
  override readonly name = "MachineError";

  constructor(
    readonly kind: MachineErrorKind,
    message: string,
    /** When the next attempt is made, ISO 8601, where that is known. */
    readonly nextTry?: string,
  ) {
    super(message);
  }
}

/** Compare by name, since the error may come from another bundle's copy of the class. */
export function isMachineError(error: unknown): error is MachineError {
  return error instanceof Error && error.name === "MachineError" && "kind" in error;
}
