/** What vSphere refuses of a VM that it does not reach. */
import { Fault } from "./fault.js";
import type { SimulatedVm } from "./simulatedVm.js";

/** Throws HostNotConnected while the VM's host is away, InvalidState where the VM itself cannot be used. */
export function requireConnection({ connectionState }: SimulatedVm): void {
  if (connectionState === "disconnected") {
    throw new Fault("HostNotConnected", "Unable to communicate with the remote host, since it is disconnected.");
  }
  if (connectionState !== "connected") {
    throw new Fault("InvalidState", "The operation is not allowed in the current state.");
  }
}
