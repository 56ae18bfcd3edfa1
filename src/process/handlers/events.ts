/** The reply to `vbmc events`. */
import type { Cell, ControlResponse } from "../../control/messages.js";
import type { RecordedEvent } from "../events/eventBuffer.js";
import type { FoundEvents } from "../operations/events.js";

export function renderEvents({ events, cursor }: FoundEvents): ControlResponse {
  return { rc: 0, header: ["Time", "Name", "Event", "Source", "User", "What"], rows: events.map(toRow), cursor };
}

function toRow({ at, name, kind, source, user, text, times }: RecordedEvent): Cell[] {
  const what = times === 1 ? text : `${text} (${times} times)`;
  return [new Date(at).toISOString(), name, kind, source ?? "", user ?? "", what].map(printable);
}

/** Strangers choose user names: they must not be able to send commands to the reader's terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
