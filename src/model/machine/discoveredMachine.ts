/** A VM that an account of the hypervisor sees. */
import type { PowerState } from "./snapshot.js";

export interface DiscoveredMachine {
  readonly name: string;
  readonly instanceUuid?: string;
  readonly powerState?: PowerState;
  readonly toolsRunning?: boolean;
}
