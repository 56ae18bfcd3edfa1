/** The FRU device that commands may name (IPMI 2.0 §34). */
import { completionCode, CompletionError } from "../../completionCode.js";

/** The only FRU device is number 0; throws CBh for others. */
export function requireFruDevice(id: number): void {
  if (id !== 0) {
    throw new CompletionError(completionCode.notPresent, `there is no FRU device ${id}`);
  }
}
