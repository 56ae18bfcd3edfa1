/**
 * Turns a request into completion code and data: the command table, privileges, and the only mapping of errors to
 * codes.
 */
import { traceOf } from "../../base/errors.js";
import { StorageError } from "../../model/bmc/state/storage.js";
import { MachineError } from "../../model/machine/errors.js";
import type { LanRequest } from "../rmcp/lanMessage.js";
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import type { Command, CommandContext } from "./command.js";
import { completionCode, CompletionError } from "./completionCode.js";
import { machineErrorCodes } from "./machineErrorCodes.js";
import { privilege } from "./privilege.js";

export interface Completion {
  readonly code: number;
  readonly data: Buffer;
  /** The reason for a code other than 00h, for the log. */
  readonly reason?: string;
}

export interface Dispatcher {
  readonly find: (request: Pick<LanRequest, "netFn" | "command">) => Command | undefined;
  /** Never throws and never rejects. */
  readonly dispatch: (request: LanRequest, context: CommandContext) => Completion | Promise<Completion>;
}

const noData = Buffer.alloc(0);

/** All BMCs of a process have the same commands and share one table. */
const tables = new WeakMap<readonly Command[], ReadonlyMap<number, Command>>();

function tableOf(commands: readonly Command[]): ReadonlyMap<number, Command> {
  const table =
    tables.get(commands) ?? new Map(commands.map((command) => [key(command.netFn, command.command), command]));
  tables.set(commands, table);
  return table;
}

export function createDispatcher(commands: readonly Command[]): Dispatcher {
  const table = tableOf(commands);

  const find: Dispatcher["find"] = ({ netFn, command }) => table.get(key(netFn, command));

  function dispatch(request: LanRequest, context: CommandContext): Completion | Promise<Completion> {
    const command = find(request);
    // Clients try other bodies too (PICMG, VITA), whose commands are unknown here.
    if (!command || (command.group !== undefined && command.group !== request.data[0])) {
      return { code: completionCode.invalidCommand, data: noData };
    }
    if (request.rsLun !== 0) {
      return { code: completionCode.invalidCommandForLun, data: noData };
    }
    if (command.privilege > (context.session?.privilege ?? privilege.none)) {
      return { code: completionCode.insufficientPrivilege, data: noData };
    }
    try {
      const data = command.execute(request.data, context);
      return data instanceof Promise ? data.then(succeed, (error: unknown) => fail(error, context)) : succeed(data);
    } catch (error) {
      return fail(error, context);
    }
  }

  return { find, dispatch };
}

function key(netFn: number, command: number): number {
  return (netFn << 8) | command;
}

function succeed(data: Buffer): Completion {
  return { code: completionCode.ok, data };
}

function fail(error: unknown, context: CommandContext): Completion {
  if (error instanceof CompletionError) {
    return { code: error.code, data: error.data, reason: error.message };
  }
  if (error instanceof MachineError) {
    return { code: machineErrorCodes[error.kind], data: noData, reason: error.message };
  }
  if (error instanceof StorageError) {
    const code = error.kind === "full" ? completionCode.outOfSpace : completionCode.unspecified;
    return { code, data: noData, reason: error.message };
  }
  if (error instanceof MalformedPacketError) {
    return { code: completionCode.requestDataLengthInvalid, data: noData, reason: error.message };
  }
  const reason = traceOf(error);
  context.log("error", "unexpected error in a command", { reason });
  return { code: completionCode.unspecified, data: noData, reason: "internal error" };
}
