/** Runs one operation on a BMC's VM for a command. */
import type { MachineOperation } from "../../model/machine/operation.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { OperationError } from "./operationError.js";

/** Runs an operation on the VM of a BMC that runs; its result, undefined while it goes on. Throws OperationError. */
export async function operate(
  supervisor: Supervisor,
  name: string,
  operation: MachineOperation,
  timeoutMs: number,
): Promise<unknown> {
  const result = await supervisor.operate(name, operation, timeoutMs);
  if (!result.ok) {
    throw new OperationError(result.message);
  }
  return result.value;
}
