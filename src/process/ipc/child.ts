/** Messages between the supervisor and a BMC child, as JSON over the IPC channel. */
import type { Deadline } from "../../base/async/deadline.js";
import type { Counts } from "../../io/counters/counts.js";
import type { Caller, FleetRole } from "../../model/fleet/summary.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { BmcConfiguration } from "./configuration.js";
import type { ConsoleOpened, OpenConsole } from "./console.js";
import type { LogLevelMessage, LogMessage } from "./logging.js";
import type { MachineEvent, MachineReport } from "./reports.js";
import type { Exchanged, WireRequest } from "./web.js";

/** Something that a client did to a BMC, or attempted, or a record of its SEL. */
export type BmcActivity =
  | { readonly kind: "command" | "login"; readonly source: string; readonly user?: string; readonly text: string }
  /** `at`: ms, from the SEL's journal. */
  | { readonly kind: "sel"; readonly at: number; readonly text: string };

/** The certificate of a process's Redfish services as PEM, or why there is none. */
export type CertificateMessage =
  | { readonly type: "certificate"; readonly certificate: string; readonly key: string }
  | { readonly type: "certificate"; readonly fault: string }
  /** It will be available soon. */
  | { readonly type: "certificate"; readonly isComing: true };

/** Supervisor → BMC child. */
export type ToChild =
  | ConsoleOpened
  | LogLevelMessage
  | CertificateMessage
  | { readonly type: "serve"; readonly bmc: BmcConfiguration }
  | { readonly type: "withdraw"; readonly vmName: string }
  | { readonly type: "machineReport"; readonly vmName: string; readonly report: MachineReport }
  | { readonly type: "machineEvent"; readonly vmName: string; readonly event: MachineEvent }
  | { readonly type: "mediaReport"; readonly vmName: string; readonly slots: readonly MediaSlot[] }
  | { readonly type: "operationResult"; readonly id: number; readonly result: MachineOperationResult }
  /** A request to the BMC's Redfish service, which exists even without a port of its own. */
  | {
      readonly type: "exchange";
      readonly id: number;
      readonly vmName: string;
      readonly request: WireRequest;
      readonly caller: Caller;
    }
  /** Asks for the role of this account at the BMC. */
  | {
      readonly type: "askRole";
      readonly id: number;
      readonly vmName: string;
      readonly userName: string;
      readonly proof: string;
    }
  | { readonly type: "stop" };

/** BMC child → supervisor. */
export type FromChild =
  | { readonly type: "ready"; readonly vmName: string }
  | { readonly type: "failed"; readonly vmName: string; readonly reason: string }
  | { readonly type: "withdrawn"; readonly vmName: string }
  | {
      readonly type: "operation";
      readonly id: number;
      readonly vmName: string;
      readonly operation: MachineOperation;
      /** When the child stops waiting for the result. */
      readonly deadline: Deadline;
    }
  | { readonly type: "event"; readonly vmName: string; readonly event: BmcActivity }
  | { readonly type: "exchanged"; readonly vmName: string; readonly id: number; readonly exchanged: Exchanged }
  /** Absent: the BMC has no such account. */
  | { readonly type: "role"; readonly vmName: string; readonly id: number; readonly role?: FleetRole }
  /** Counts since the last message, and the open sessions of IPMI and Redfish. */
  | {
      readonly type: "counts";
      readonly vmName: string;
      readonly counts: Counts;
      readonly sessions: number;
      readonly redfishSessions: number;
    }
  | OpenConsole
  | LogMessage;
