/** The typed IPC channel of the web process to the supervisor, and its pending requests. */
import type { Log, LogLevel } from "../../base/log.js";
import type { Caller, FleetRole } from "../../model/fleet/summary.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { Fleet } from "../../protocol/redfish/fleet/fleet.js";
import { isLogged } from "../ipc/logging.js";
import type {
  Exchanged,
  FromWeb,
  ToWeb,
  WebConsolePlace,
  WebConsoleRequest,
  WebUpload,
  WireRequest,
} from "../ipc/web.js";

export interface WebChannel {
  readonly log: Log;
  readonly setLogLevel: (level: LogLevel) => void;
  readonly send: (message: FromWeb) => void;
  /** Never rejects; the supervisor limits the wait. */
  readonly exchange: (vmName: string, request: WireRequest, caller: Caller) => Promise<Exchanged>;
  readonly rolesOf: Fleet["rolesOf"];
  /** Resolves once the image is in the drive. */
  readonly insertUpload: (upload: WebUpload) => Promise<MachineOperationResult>;
  readonly readScreen: (vmName: string) => Promise<MachineOperationResult>;
  readonly openConsole: (request: WebConsoleRequest) => Promise<WebConsolePlace>;
  readonly settle: (
    message: Extract<ToWeb, { type: "exchanged" | "roles" | "consoleOpened" | "uploaded" | "screen" }>,
  ) => void;
}

export function createWebChannel(send: (message: FromWeb) => void): WebChannel {
  const exchanges = new Map<number, (exchanged: Exchanged) => void>();
  const roles = new Map<number, (roles: Map<string, FleetRole>) => void>();
  const consoles = new Map<number, (place: WebConsolePlace) => void>();
  const operations = new Map<number, (result: MachineOperationResult) => void>();
  let lastId = 0;
  let leastLevel: LogLevel = "info";

  return {
    log: (level, message, fields = {}) => {
      if (isLogged(level, leastLevel)) {
        send({ type: "log", level, message, fields });
      }
    },
    setLogLevel: (level) => {
      leastLevel = level;
    },
    send,
    exchange: (vmName, request, caller) =>
      new Promise((resolve) => {
        const id = ++lastId;
        exchanges.set(id, resolve);
        send({ type: "exchange", id, vmName, request, caller });
      }),
    rolesOf: (userName, proof, names) =>
      new Promise((resolve) => {
        const id = ++lastId;
        roles.set(id, resolve);
        send({ type: "askRoles", id, userName, proof, ...(names && { names }) });
      }),
    openConsole: (request) =>
      new Promise((resolve) => {
        const id = ++lastId;
        consoles.set(id, resolve);
        send({ type: "openConsole", id, ...request });
      }),
    insertUpload: (upload) =>
      new Promise((resolve) => {
        const id = ++lastId;
        operations.set(id, resolve);
        send({ type: "insertUpload", id, ...upload });
      }),
    readScreen: (vmName) =>
      new Promise((resolve) => {
        const id = ++lastId;
        operations.set(id, resolve);
        send({ type: "readScreen", id, vmName });
      }),
    settle: (message) => {
      if (message.type === "exchanged") {
        exchanges.get(message.id)?.(message.exchanged);
        exchanges.delete(message.id);
      } else if (message.type === "uploaded" || message.type === "screen") {
        operations.get(message.id)?.(message.result);
        operations.delete(message.id);
      } else if (message.type === "consoleOpened") {
        consoles.get(message.id)?.(message.place);
        consoles.delete(message.id);
      } else {
        roles.get(message.id)?.(new Map(message.roles));
        roles.delete(message.id);
      }
    },
  };
}
