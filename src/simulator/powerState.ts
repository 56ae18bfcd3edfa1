/** The state of power that an operation needs. */
import { Fault } from "./fault.js";
import type { PowerState, SimulatedVm } from "./simulatedVm.js";
import { symbol } from "./value.js";

/** Throws InvalidPowerState unless the VM is in one of the states. */
export function requireState(vm: SimulatedVm, requested: PowerState, allowed: readonly PowerState[]): void {
  if (!allowed.includes(vm.powerState)) {
    throw new Fault(
      "InvalidPowerState",
      `The attempted operation cannot be performed in the current state (${vm.powerState}).`,
      {
        requestedState: symbol("VirtualMachinePowerState", requested),
        existingState: symbol("VirtualMachinePowerState", vm.powerState),
      },
    );
  }
}
