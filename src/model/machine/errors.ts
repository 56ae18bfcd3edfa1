/**
 * Why the machine did not do what it was asked:
 * busy (in transition, or unknown for now: try again), unavailable (no connection to the hypervisor),
 * unsupported (it can never do that), invalidState (not in this power state, or Tools are missing),
 * notFound (no such VM, or several), denied (the account may not), timedOut (asked, but no answer within the bound),
 * badImage (an image for a drive cannot be fetched, or is none: asking again does not help).
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

/** `message` is one line that says what is wrong and what to do; it never holds a secret. */
export class MachineError extends Error {
  override readonly name = "MachineError";

  constructor(
    readonly kind: MachineErrorKind,
    message: string,
  ) {
    super(message);
  }
}

/** By name, since the error may come from another bundle's copy of the class. */
export function isMachineError(error: unknown): error is MachineError {
  return error instanceof Error && error.name === "MachineError" && "kind" in error;
}
