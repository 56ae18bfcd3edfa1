/** Messages between the supervisor and a vCenter link, as JSON over the IPC channel. */
import type { Deadline } from "../../base/async/deadline.js";
import type { Counts } from "../../io/counters/counts.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { LinkConfiguration, ServedMachine } from "./configuration.js";
import type { LogLevelMessage, LogMessage } from "./logging.js";
import type { AccountAnswer, AccountQuestion } from "./question.js";
import type { LinkState, MachineEvent, MachineReport } from "./reports.js";

/** Supervisor → vCenter link. */
export type ToLink =
  | LogLevelMessage
  /** `version`: our own. */
  | { readonly type: "connect"; readonly configuration: LinkConfiguration; readonly version: string }
  | { readonly type: "serve"; readonly machines: readonly ServedMachine[] }
  | { readonly type: "withdraw"; readonly vmNames: readonly string[] }
  | {
      readonly type: "operation";
      readonly id: number;
      readonly vmName: string;
      readonly operation: MachineOperation;
      /** When the child stops waiting: do not start it later. */
      readonly deadline: Deadline;
    }
  | { readonly type: "question"; readonly id: number; readonly question: AccountQuestion; readonly timeoutMs: number }
  /** Answer with `pong`, immediately. */
  | { readonly type: "ping" }
  | { readonly type: "stop" };

/** vCenter link → supervisor. */
export type FromLink =
  | { readonly type: "linkState"; readonly linkState: LinkState }
  | { readonly type: "machineReport"; readonly vmName: string; readonly report: MachineReport }
  /** The images in the VM's drives and insertions in progress, as far as they have been read. */
  | { readonly type: "mediaReport"; readonly vmName: string; readonly slots: readonly MediaSlot[] }
  | { readonly type: "machineEvent"; readonly vmName: string; readonly event: MachineEvent }
  | { readonly type: "operationResult"; readonly id: number; readonly result: MachineOperationResult }
  | { readonly type: "answer"; readonly id: number; readonly answer: AccountAnswer }
  | { readonly type: "pong" }
  /** Do not end it: it waits for a login in progress, to log out again. */
  | { readonly type: "lingering" }
  /** SOAP calls since the last message: `method result`. */
  | { readonly type: "counts"; readonly counts: Counts }
  | LogMessage;
