/** `vbmc events`: what has happened, and what happens next. */
import type { EventsRequest } from "../../control/messages.js";
import type { RecordedEvent } from "../events/eventBuffer.js";
import { readSelEvents } from "../events/selEvents.js";
import type { Supervisor } from "../supervisor/supervisor.js";

export interface FoundEvents {
  /** The oldest first. */
  readonly events: readonly RecordedEvent[];
  /** Goes into the next request, to get what comes after these. */
  readonly cursor: string;
}

/** `vbmc events`: what came after the cursor, at once or when it comes; what is not in memory, from the SELs. */
export async function findEvents(request: EventsRequest, supervisor: Supervisor): Promise<FoundEvents> {
  const { vm_names: names, after, wait_ms: waitMs } = request;
  const { events, cursor, missing } = await supervisor.events.readNext(names, after, waitMs);
  const earlier = missing === undefined ? [] : await readSelEvents(foldersOf(names, supervisor), missing);
  return { events: [...earlier, ...events], cursor };
}

function foldersOf(names: readonly string[], { store }: Supervisor): ReadonlyMap<string, string> {
  const wanted = [...store.list().keys()].filter((name) => names.length === 0 || names.includes(name));
  return new Map(wanted.map((name) => [name, store.folder(name)]));
}
