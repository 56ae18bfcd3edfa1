/** The typed IPC channel to the supervisor, and the operations that are in progress on it. */
import { type Deadline, timeLeftMs } from "../../base/async/deadline.js";
import type { Log, LogLevel } from "../../base/log.js";
import type { ConsoleUser } from "../../model/machine/console.js";
import { changesMachine, type MachineOperation, type MachineOperationResult } from "../../model/machine/operation.js";
import type { FromChild, ToChild } from "../ipc/child.js";
import type { ConsoleOpened } from "../ipc/console.js";
import { isLogged } from "../ipc/logging.js";

/** How long the supervisor may take to create a key for a console, ms. */
const consoleTimeoutMs = 5_000;

/** Where a console can be opened, once. */
export interface ConsolePlace {
  readonly socketPath: string;
  readonly key: string;
}

type ConsoleAnswer = ConsolePlace | { readonly fault: string };

export interface SupervisorChannel {
  /** Whether counters are requested. */
  readonly isMetered: boolean;
  readonly send: (message: FromChild) => void;
  readonly log: Log;
  /** Whether records of a level are sent at all. */
  readonly isLogged: (level: LogLevel) => boolean;
  /** Only send records of this level or above from now on. */
  readonly setLogLevel: (level: LogLevel) => void;
  /**
   * Always resolves: with the link's result, or after `timeoutMs` with `timedOut`, or `busy` for a read-only operation.
   */
  readonly operate: (
    vmName: string,
    operation: MachineOperation,
    deadline: Deadline,
  ) => Promise<MachineOperationResult>;
  /** Where the console of a VM can be opened. Rejects with one line if it cannot, or after 5 s. */
  readonly openConsole: (vmName: string, user: ConsoleUser) => Promise<ConsolePlace>;
  /** Passes a consoleOpened to its caller. */
  readonly settleConsole: (message: ConsoleOpened) => void;
  /** Passes an operationResult to its caller; late ones are dropped. */
  readonly settle: (message: Extract<ToChild, { type: "operationResult" }>) => void;
}

export function createSupervisorChannel(send: (message: FromChild) => void, isMetered = false): SupervisorChannel {
  const waiting = new Map<number, (result: MachineOperationResult) => void>();
  const waitingConsoles = new Map<number, (opened: ConsoleAnswer) => void>();
  let lastId = 0;
  let minLevel: LogLevel = "info";

  return {
    isMetered,
    send,
    isLogged: (level) => isLogged(level, minLevel),
    log: (level, message, fields = {}) => {
      if (isLogged(level, minLevel)) {
        send({ type: "log", level, message, fields });
      }
    },
    setLogLevel: (level) => {
      minLevel = level;
    },
    operate: (vmName, operation, deadline) =>
      new Promise((resolve) => {
        const id = ++lastId;
        const finish = (result: MachineOperationResult): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(result);
        };
        const timeoutMs = timeLeftMs(deadline);
        const timer = setTimeout(() => {
          finish({
            ok: false,
            kind: changesMachine(operation) ? "timedOut" : "busy",
            message: `no answer from the vCenter link within ${timeoutMs} ms to ${operation.name}`,
          });
        }, timeoutMs);
        waiting.set(id, finish);
        send({ type: "operation", id, vmName, operation, deadline });
      }),
    settle: ({ id, result }) => waiting.get(id)?.(result),
    openConsole: (vmName, user) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const finish = (answer: ConsoleAnswer): void => {
          clearTimeout(timer);
          waitingConsoles.delete(id);
          if ("fault" in answer) {
            reject(new Error(answer.fault));
          } else {
            resolve(answer);
          }
        };
        const timer = setTimeout(() => finish({ fault: "the supervisor does not answer" }), consoleTimeoutMs);
        waitingConsoles.set(id, finish);
        send({ type: "openConsole", id, vmName, ...user });
      }),
    settleConsole: (message) => waitingConsoles.get(message.id)?.(message),
  };
}
