/**
 * The typed messages between supervisor, BMC children and vCenter links: state goes down, operations go up.
 * They travel over Node's IPC channel as JSON, never through arguments or environment, because some hold secrets.
 */
import type { LogFields, LogLevel } from "../../base/log.js";
import type { Counts } from "../../io/counters/counts.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer, AccountQuestion } from "../../model/machine/question.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";

/** Everything a child needs to serve one BMC. */
export interface BmcConfiguration {
  /** Folder name under config_dir: the key by which all messages name the BMC. */
  readonly vmName: string;
  /** Our own version, which Get Device ID tells. */
  readonly firmwareVersion: string;
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** `02:00:00:xx:yy:zz`, colons. */
  readonly fakemac: string;
  /** Canonical lower-case text, when configured. */
  readonly vmUuid?: string;
  /** The VM's folder: users, SEL and the like are kept there. */
  readonly directory: string;
  readonly ipmi: IpmiConfiguration;
  /** Absent: it serves no Redfish. */
  readonly redfish?: RedfishConfiguration;
}

/** `[redfish]` of virtualbmc.conf and the BMC's port. */
export interface RedfishConfiguration {
  /** TCP. */
  readonly port: number;
  /** Inactivity time-out of a session until SessionService is told another one, seconds. */
  readonly sessionTimeoutSeconds: number;
  readonly maxSessions: number;
  readonly maxConnections: number;
}

/** `[ipmi]` of virtualbmc.conf and the BMC key. */
export interface IpmiConfiguration {
  /** Inactivity time-out of a session, seconds. */
  readonly sessionTimeoutSeconds: number;
  readonly maxSessions: number;
  /** Enabled cipher suite IDs (IPMI 2.0 table 22-20). */
  readonly cipherSuites: readonly number[];
  /** Authentication types of IPMI 1.5 sessions; empty turns them off. */
  readonly ipmi15Auth: readonly ("md5" | "password" | "none")[];
  /** Failed logins of one user before it is locked out; 0 turns it off. */
  readonly badPasswordThreshold: number;
  /** How long the count of failed logins outlasts the last one, seconds; 0: until a good login. */
  readonly badPasswordResetSeconds: number;
  /** How long a user stays locked out, seconds; 0: until Set User Access or a restart. */
  readonly badPasswordLockoutSeconds: number;
  /** The BMC key Kg, 40 hex digits. */
  readonly kgHex?: string;
}

/** Everything a link needs to reach one vCenter account. */
export interface LinkConfiguration {
  /** `host`, `host:port`, `[v6]`, `[v6]:port` or bare `v6`. */
  readonly viserver: string;
  readonly username: string;
  readonly password: string;
  readonly tls: {
    /** Pinned certificate fingerprint, SHA-256 or SHA-1, hex. */
    readonly thumbprint?: string;
    readonly caFile?: string;
    readonly insecure?: boolean;
    /** File that remembers the certificate seen at the first successful login. */
    readonly trustFile?: string;
  };
  readonly nextBoot: "once" | "persistent";
}

/** A VM that a link serves: found by UUID when there is one, else by name. */
export interface ServedMachine {
  /** The key by which all messages name it. */
  readonly vmName: string;
  /** The VM's name in vCenter, when it is not vmName. */
  readonly machineName?: string;
  readonly vmUuid?: string;
  /** The BMC's folder: what must not be forgotten over a restart, as a boot order to give back. */
  readonly directory?: string;
}

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

/** From the least important. */
const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export interface LogMessage {
  readonly type: "log";
  readonly level: LogLevel;
  readonly message: string;
  /** vm, session, command, completionCode, ms …; never a secret. */
  readonly fields: LogFields;
}

/** What is less important than `level` need not be sent; "info" until told otherwise. */
export interface LogLevelMessage {
  readonly type: "logLevel";
  readonly level: LogLevel;
}

/** Whether a record is important enough to be sent. */
export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** Argument of a child or link whose counts are wanted. */
export const meteredArgument = "--metered";

/** What somebody did to a BMC, or tried to, or what its SEL says. */
export type BmcNews =
  | { readonly kind: "command" | "login"; readonly source: string; readonly user?: string; readonly text: string }
  /** `at`: ms, as the SEL's journal keeps it. */
  | { readonly kind: "sel"; readonly at: number; readonly text: string };

/** Supervisor → BMC child. */
export type ToChild =
  | LogLevelMessage
  | { readonly type: "serve"; readonly bmc: BmcConfiguration }
  | { readonly type: "withdraw"; readonly vmName: string }
  | { readonly type: "machineReport"; readonly vmName: string; readonly report: MachineReport }
  | { readonly type: "machineEvent"; readonly vmName: string; readonly event: MachineEvent }
  | { readonly type: "operationResult"; readonly id: number; readonly result: MachineOperationResult }
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
      /** When the child gives up waiting for the result, ms since the epoch. */
      readonly until: number;
    }
  | { readonly type: "event"; readonly vmName: string; readonly event: BmcNews }
  /** What was counted since the last time, and how many sessions are open. */
  | { readonly type: "counts"; readonly vmName: string; readonly counts: Counts; readonly sessions: number }
  | LogMessage;

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
      /** Not to be begun any more after this time, ms since the epoch. */
      readonly until: number;
    }
  | { readonly type: "question"; readonly id: number; readonly question: AccountQuestion; readonly timeoutMs: number }
  /** To be answered with `pong`, at once. */
  | { readonly type: "ping" }
  | { readonly type: "stop" };

/** vCenter link → supervisor. */
export type FromLink =
  | { readonly type: "linkState"; readonly linkState: LinkState }
  | { readonly type: "machineReport"; readonly vmName: string; readonly report: MachineReport }
  | { readonly type: "machineEvent"; readonly vmName: string; readonly event: MachineEvent }
  | { readonly type: "operationResult"; readonly id: number; readonly result: MachineOperationResult }
  | { readonly type: "answer"; readonly id: number; readonly answer: AccountAnswer }
  | { readonly type: "pong" }
  /** It is to be left alone: a login is under way, which it waits for, to log out again. */
  | { readonly type: "lingering" }
  /** SOAP calls since the last time: `method result`. */
  | { readonly type: "counts"; readonly counts: Counts }
  | LogMessage;
