import type { NamesRequest } from "../../control/messages.js";
import { StoreError } from "../../settings/store/storeError.js";
import { shardFault } from "../supervisor/shard.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { AnswerForm } from "./jobs.js";

/** Whose a name is that no folder of this daemon has, or the text of the original. */
export function notFound(name: string, { config }: Supervisor): string {
  return shardFault(name, config.shard) ?? `No VM with matching name ${name} was found`;
}

/** The names given, or all: those whose files cannot be read fail on their own. */
export function namesOf({ all, vm_names: names }: NamesRequest, { store }: Supervisor): readonly string[] {
  return all ? [...store.list().keys()].sort() : names;
}

/**
 * How long an answer may take, ms: the client stops listening at the end of its response time-out, and the answer must be
 * there before.
 */
export function answerBoundMs(timeoutMs: number | undefined, { config }: Supervisor): number {
  return (timeoutMs ?? config.serverResponseTimeoutMs) * 0.9;
}

/** Who says how long it waits is a client of ours. */
export function answerForm({ timeout_ms: timeoutMs }: NamesRequest, supervisor: Supervisor): AnswerForm {
  return { boundMs: answerBoundMs(timeoutMs, supervisor), namesInAnswer: timeoutMs !== undefined };
}

/** What to tell the user of an error; anything but a StoreError is a fault of ours. */
export function toText(error: unknown): string {
  if (error instanceof StoreError) {
    return error.message;
  }
  throw error;
}
