import type { ControlResponse, NamesRequest } from "../../control/messages.js";
import { StoreError } from "../../store/storeError.js";
import { shardFault } from "../shard.js";
import type { Supervisor } from "../supervisor.js";

/** Whose a name is that no folder of this daemon has, or the text of the original. */
export function notFound(name: string, { config }: Supervisor): string {
  return shardFault(name, config.shard) ?? `No VM with matching name ${name} was found`;
}

/** The names given, or all: those whose files cannot be read fail on their own. */
export function namesOf({ all, vm_names: names }: NamesRequest, { store }: Supervisor): readonly string[] {
  return all ? [...store.list().keys()].sort() : names;
}

/**
 * Does something for several BMCs at once.
 * @param work resolves to the text of a failure, or undefined; a StoreError is a failure too
 * @returns rc 1 if one failed, with the texts in the order of the names
 */
export async function perName(
  names: readonly string[],
  work: (name: string) => Promise<string | undefined>,
): Promise<ControlResponse> {
  const results = await Promise.all([...new Set(names)].map((name) => work(name).catch(toText)));
  const msg = results.filter((text) => text !== undefined);
  return { rc: msg.length === 0 ? 0 : 1, msg };
}

/** What to tell the user of an error; anything but a StoreError is a fault of ours. */
export function toText(error: unknown): string {
  if (error instanceof StoreError) return error.message;
  throw error;
}
