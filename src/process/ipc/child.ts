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

/** What somebody did to a BMC, or tried to, or what its SEL says. */
export type BmcActivity =
  | { readonly kind: "command" | "login"; readonly source: string; readonly user?: string; readonly text: string }
  /** `at`: ms, as the SEL's journal keeps it. */
  | { readonly kind: "sel"; readonly at: number; readonly text: string };

/** What the Redfish services of a process show, as PEM, or why they cannot be. */
export type CertificateMessage =
  | { readonly type: "certificate"; readonly certificate: string; readonly key: string }
  | { readonly type: "certificate"; readonly fault: string }
  /** It is worth waiting for. */
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
  /** A request to the BMC's Redfish service, which is there without a port of its own too. */
  | {
      readonly type: "exchange";
      readonly id: number;
      readonly vmName: string;
      readonly request: WireRequest;
      readonly caller: Caller;
    }
  /** What this account may do at the BMC. */
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
  /** Absent: it is no account of the BMC. */
  | { readonly type: "role"; readonly vmName: string; readonly id: number; readonly role?: FleetRole }
  /** What was counted since the last time, and how many sessions are open, of IPMI and of Redfish. */
  | {
      readonly type: "counts";
      readonly vmName: string;
      readonly counts: Counts;
      readonly sessions: number;
      readonly redfishSessions: number;
    }
  | OpenConsole
  | LogMessage;
