/** The BMCs that a command names. */
import type { NamesRequest } from "../../control/messages.js";
import { StoreError } from "../../settings/store/storeError.js";
import { shardFault } from "../supervisor/shard.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { OperationError } from "./operationError.js";

/** Which daemon serves an unknown name, or the original's text. `list` shows VMs' names: says what their BMCs are called. */
export function notFound(name: string, { config, store }: Supervisor): string {
  const others = store.namesFor(name);
  const hint = others.length === 0 ? "" : `; a BMC of the VM ${name} is called ${[...others].sort().join(" or ")}`;
  return shardFault(name, config.shard) ?? `No VM with matching name ${name} was found${hint}`;
}

/** The given names, or all: unreadable files fail individually. */
export function namesOf({ all, vm_names: names }: NamesRequest, { store }: Supervisor): readonly string[] {
  return all ? [...store.list().keys()].sort() : names;
}

/** How long an answer may take, ms: it must arrive before the client's response time-out. */
export function answerTimeoutMs(timeoutMs: number | undefined, { config }: Supervisor): number {
  return (timeoutMs ?? config.serverResponseTimeoutMs) * 0.9;
}

/** What to tell the user of an error; rethrows what is a fault of ours. */
export function toText(error: unknown): string {
  if (error instanceof OperationError || error instanceof StoreError) {
    return error.message;
  }
  throw error;
}
