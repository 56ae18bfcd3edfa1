import type { Cell, ControlResponse, EventsRequest } from "../../control/messages.js";
import type { RecordedEvent } from "../events/eventBuffer.js";
import { readSelEvents } from "../events/selEvents.js";
import type { Supervisor } from "../supervisor/supervisor.js";

/** `vbmc events`: events after the cursor, immediately or when the first one happens; earlier ones from the SELs. */
export async function listEvents(request: EventsRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_names: names, after, wait_ms: waitMs } = request;
  const { events, cursor, missing } = await supervisor.events.readNext(names, after, waitMs);
  const earlier = missing === undefined ? [] : await readSelEvents(foldersOf(names, supervisor), missing);
  const rows = [...earlier, ...events].map(toRow);
  return { rc: 0, header: ["Time", "Name", "Event", "Source", "User", "What"], rows, cursor };
}

function foldersOf(names: readonly string[], { store }: Supervisor): ReadonlyMap<string, string> {
  const wanted = [...store.list().keys()].filter((name) => names.length === 0 || names.includes(name));
  return new Map(wanted.map((name) => [name, store.folder(name)]));
}

function toRow({ at, name, kind, source, user, text, times }: RecordedEvent): Cell[] {
  const what = times === 1 ? text : `${text} (${times} times)`;
  return [new Date(at).toISOString(), name, kind, source ?? "", user ?? "", what].map(printable);
}

/** Strangers choose user names: they must not be able to send commands to the reader's terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
