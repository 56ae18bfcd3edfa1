/** One event (DSP0268 "Event 1.13.0"): what happened, to which resource, and its form for subscribers. */
import { defined } from "../../../base/defined.js";
import { type JsonObject, link, textOf } from "../json.js";
import { type EventMessage, eventMessages, eventRegistries } from "./eventMessages.js";

export const eventTypes = ["StatusChange", "ResourceUpdated", "ResourceAdded", "ResourceRemoved", "Alert", "Other"];
export const severities = ["OK", "Warning", "Critical"];

export interface RedfishEvent {
  /** An EventRecord without EventId and MemberId. */
  readonly record: JsonObject;
  /** Schema of the resource, e.g. `ComputerSystem`. */
  readonly resourceType: string;
}

export interface EventFacts {
  readonly type: string;
  readonly resourceType: string;
  /** URI of the resource. */
  readonly origin: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly args?: readonly string[];
  /** Replaces the registry's text and severity. */
  readonly text?: string;
  readonly severity?: string;
  readonly logEntry?: string;
}

export function toEvent(name: EventMessage, facts: EventFacts): RedfishEvent {
  const [registry, severity, template] = eventMessages[name];
  const { type, resourceType, origin, at, args = [], text, logEntry } = facts;
  const record: JsonObject = defined({
    EventType: type,
    EventTimestamp: new Date(at).toISOString(),
    MessageId: `${eventRegistries[registry].idPrefix}.${name}`,
    Message: text ?? template.replaceAll(/%(\d)/g, (_, number) => args[Number(number) - 1] ?? ""),
    MessageArgs: args,
    MessageSeverity: facts.severity ?? severity,
    OriginOfCondition: link(origin),
    LogEntry: logEntry === undefined ? undefined : link(logEntry),
  });
  return { record, resourceType };
}

/** The body of a POST, or of a `data:` line. */
export function toEnvelope({ record }: RedfishEvent, id: string, context: string | null): JsonObject {
  return {
    "@odata.type": "#Event.v1_13_0.Event",
    Id: id,
    Name: "Event",
    ...(context !== null && { Context: context }),
    Events: [{ MemberId: "0", EventId: id, ...record }],
    "Events@odata.count": 1,
  };
}

/** Such as `ResourceEvent`. */
export function registryPrefixOf({ record }: RedfishEvent): string {
  return textOf(record["MessageId"]).split(".", 1)[0] ?? "";
}
