/** What a vCenter link reports about its connection and its VMs. */
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";

export type LinkState =
  /** `reason`: why that takes long. */
  | { readonly state: "connecting"; readonly reason?: string }
  | { readonly state: "connected" }
  /** `since` is ISO 8601. */
  | { readonly state: "reconnecting"; readonly since: string; readonly reason: string }
  /** `nextTry` is ISO 8601; absent: there is none before somebody asks for it or changes the account. */
  | { readonly state: "loginFailed"; readonly reason: string; readonly nextTry?: string };

/** What is known of one VM: its state, or why there is none. */
export type MachineReport =
  | { readonly fresh: true; readonly snapshot: MachineSnapshot }
  | {
      readonly fresh: false;
      readonly kind: Extract<MachineOperationResult, { ok: false }>["kind"];
      readonly reason: string;
    };

/** What happened to a VM that its BMC may want to record. */
export type MachineEvent =
  /** It failed after its client had been told that it is under way. `reason` is one line. */
  { readonly kind: "operationFailed"; readonly operation: MachineOperation["name"]; readonly reason: string };
