/**
 * Parameters that can be read only. Configuration tools write back whatever they have read, one key at a time (FreeIPMI's
 * `ipmi-config --commit` of what was checked out): a write that changes nothing succeeds.
 */
import { completionCode, CompletionError } from "./completionCode.js";

/** Throws 82h unless what is `written` is what is there already. */
export function requireUnchanged(current: Uint8Array, written: Uint8Array, why: string): void {
  if (Buffer.compare(current, written) !== 0) {
    throw new CompletionError(completionCode.readOnlyParameter, why);
  }
}
