/** The typed IPC channel of the web process to the supervisor, and its pending requests. */
import { defined } from "../../base/defined.js";
import type { Log, LogLevel } from "../../base/log.js";
import type { Caller } from "../../model/fleet/summary.js";
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

type AnswerType = "exchanged" | "roles" | "consoleOpened" | "uploaded" | "screen";

/** What the supervisor answers to a request. */
type Answer<Type extends AnswerType = AnswerType> = Extract<ToWeb, { type: Type }>;

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
  readonly settle: (answer: Answer) => void;
}

export function createWebChannel(send: (message: FromWeb) => void): WebChannel {
  const pending = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  let minLevel: LogLevel = "info";

  /** The answer has the type that belongs to the request. */
  function request<A extends Answer>(toMessage: (id: number) => FromWeb): Promise<A> {
    return new Promise((resolve) => {
      const id = ++lastId;
      pending.set(id, resolve as (answer: Answer) => void);
      send(toMessage(id));
    });
  }

  return {
    log: (level, message, fields = {}) => {
      if (isLogged(level, minLevel)) {
        send({ type: "log", level, message, fields });
      }
    },
    setLogLevel: (level) => {
      minLevel = level;
    },
    send,
    exchange: async (vmName, wire, caller) =>
      (await request<Answer<"exchanged">>((id) => ({ type: "exchange", id, vmName, request: wire, caller }))).exchanged,
    rolesOf: async (userName, proof, names) => {
      const toMessage = (id: number): FromWeb => defined({ type: "askRoles", id, userName, proof, names });
      return new Map((await request<Answer<"roles">>(toMessage)).roles);
    },
    openConsole: async (wanted) =>
      (await request<Answer<"consoleOpened">>((id) => ({ type: "openConsole", id, ...wanted }))).place,
    insertUpload: async (upload) =>
      (await request<Answer<"uploaded">>((id) => ({ type: "insertUpload", id, ...upload }))).result,
    readScreen: async (vmName) =>
      (await request<Answer<"screen">>((id) => ({ type: "readScreen", id, vmName }))).result,
    settle: (answer) => {
      pending.get(answer.id)?.(answer);
      pending.delete(answer.id);
    },
  };
}
