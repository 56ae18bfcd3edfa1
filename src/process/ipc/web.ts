/** Messages between the supervisor and the process that serves the page and Redfish for all BMCs, as JSON. */
import type { BmcSummary, Caller, FleetAccount, FleetRole } from "../../model/fleet/summary.js";
import type { MediaSlotId } from "../../model/machine/media.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { CertificateMessage } from "./child.js";
import type { LogLevelMessage, LogMessage } from "./logging.js";

/** `[web]` of virtualbmc.conf. */
export interface WebConfiguration {
  /** IP address. */
  readonly address: string;
  /** TCP. */
  readonly port: number;
  readonly sessionTimeoutSeconds: number;
  readonly maxSessions: number;
  readonly maxConnections: number;
  /** UUID of the service, the same after a restart. */
  readonly uuid: string;
}

/** A request to a BMC's Redfish service, as data. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Names in lower case; no credentials. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBodyTooLarge?: true;
  /** IP address of the client. */
  readonly remote: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The response to a request: `fault` says why the BMC could not be asked. */
export type Exchanged = { readonly response: WireResponse } | { readonly fault: string };

/** A client opens a VM's console on the page. */
export interface WebConsoleRequest {
  readonly vmName: string;
  readonly user: string;
  /** Address of the client. */
  readonly from: string;
  readonly isReadOnly: boolean;
}

/** `fault` is a sentence. */
export type WebConsolePlace = { readonly socketPath: string; readonly key: string } | { readonly fault: string };

/** An image that is sent through the page. */
export interface WebUpload {
  readonly vmName: string;
  readonly slot: MediaSlotId;
  readonly fileName: string;
  /** Unix socket where the image is read, once. */
  readonly socketPath: string;
}

/** Supervisor → web. */
export type ToWeb =
  | LogLevelMessage
  | CertificateMessage
  | { readonly type: "listen"; readonly configuration: WebConfiguration }
  /** All BMCs. */
  | { readonly type: "accounts"; readonly accounts: readonly FleetAccount[] }
  | { readonly type: "bmcs"; readonly changed: readonly BmcSummary[]; readonly removed: readonly string[] }
  | { readonly type: "exchanged"; readonly id: number; readonly exchanged: Exchanged }
  | { readonly type: "roles"; readonly id: number; readonly roles: readonly (readonly [string, FleetRole])[] }
  | { readonly type: "uploaded"; readonly id: number; readonly result: MachineOperationResult }
  | { readonly type: "screen"; readonly id: number; readonly result: MachineOperationResult }
  | { readonly type: "consoleOpened"; readonly id: number; readonly place: WebConsolePlace }
  /** Answer with `pong`, immediately. */
  | { readonly type: "ping" }
  | { readonly type: "stop" };

/** Web → supervisor. */
export type FromWeb =
  | { readonly type: "listening" }
  | { readonly type: "failed"; readonly reason: string }
  | {
      readonly type: "exchange";
      readonly id: number;
      readonly vmName: string;
      readonly request: WireRequest;
      readonly caller: Caller;
    }
  /** Which BMCs have this account; `names`: only these. */
  | {
      readonly type: "askRoles";
      readonly id: number;
      readonly userName: string;
      readonly proof: string;
      readonly names?: readonly string[];
    }
  /** To be answered with `uploaded` once the image is in the drive. */
  | ({ readonly type: "insertUpload"; readonly id: number } & WebUpload)
  /** A picture of a VM's screen; to be answered with `screen`. */
  | { readonly type: "readScreen"; readonly id: number; readonly vmName: string }
  | ({ readonly type: "openConsole"; readonly id: number } & WebConsoleRequest)
  | { readonly type: "loginFailed"; readonly source: string }
  | { readonly type: "pong" }
  | LogMessage;
