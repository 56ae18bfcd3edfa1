/** How an insertion ends that an eject has called off. */
import { MachineError } from "../../model/machine/errors.js";

/** The caller must not repeat the insertion: another user wants the drive empty. */
export function calledOff(): MachineError {
  return new MachineError("invalidState", "the insertion was called off: the image was ejected meanwhile");
}
