import type { Cell, ControlResponse, EventsRequest } from "../../control/messages.js";
import type { RecordedEvent } from "../eventRing.js";
import type { Supervisor } from "../supervisor.js";

/** `vbmc events`: what came after the cursor, at once or when it comes. */
export async function listEvents(request: EventsRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_names: names, after, wait_ms: waitMs } = request;
  const { events, cursor } = await supervisor.events.readNext(names, after, waitMs);
  return { rc: 0, header: ["Time", "Name", "Event", "Source", "User", "What"], rows: events.map(toRow), cursor };
}

function toRow({ at, name, kind, source, user, text, times }: RecordedEvent): Cell[] {
  const what = times === 1 ? text : `${text} (${times} times)`;
  return [new Date(at).toISOString(), name, kind, source ?? "", user ?? "", what].map(printable);
}

/** User names come from whoever may set them: none of them commands the terminal of who reads. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
