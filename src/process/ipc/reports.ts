/** What a vCenter link reports about its connection and its VMs. */
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";

export type LinkState =
  /** `reason`: why connecting takes long. */
  | { readonly state: "connecting"; readonly reason?: string }
  | { readonly state: "connected" }
  /** `since` is ISO 8601. */
  | { readonly state: "reconnecting"; readonly since: string; readonly reason: string }
  /** `nextTry` is ISO 8601; absent: no attempt until one is requested or the account is changed. */
  | { readonly state: "loginFailed"; readonly reason: string; readonly nextTry?: string };

/** The state of one VM, or why it is unknown. */
export type MachineReport =
  | { readonly fresh: true; readonly snapshot: MachineSnapshot }
  | {
      readonly fresh: false;
      readonly kind: Extract<MachineOperationResult, { ok: false }>["kind"];
      readonly reason: string;
      /** Of a refused login: when the next one is tried, ISO 8601. */
      readonly nextTry?: string;
    };

/** An event of a VM that its BMC may record. */
export type MachineEvent =
  /** It failed after its client had been answered. `reason` is one line. */
  { readonly kind: "operationFailed"; readonly operation: MachineOperation["name"]; readonly reason: string };
