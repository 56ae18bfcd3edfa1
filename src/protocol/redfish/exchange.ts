/** One request to the Redfish service and its response, as data: whoever has a socket, or none, can serve it. */
import type { JsonObject } from "./json.js";

export interface RedfishRequest {
  /** Upper case. */
  readonly method: string;
  /** Without the query, e.g. `/redfish/v1/Systems`: the service's own URIs need no percent-encoding. */
  readonly path: string;
  /** What is behind the `?`, as sent; empty without one. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: Buffer | "tooLarge";
  /** IP address of the client. */
  readonly remote: string;
}

export interface RedfishResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, a text (XML, CSV), or lines that come as they happen. A HEAD request's body is not to be sent. */
  readonly body?: JsonObject | string | EventStream;
}

/** Server-Sent Events; each chunk is whole lines. */
export interface EventStream {
  /** The result ends the subscription; `end` is called when the service ends it. */
  readonly subscribe: (listener: (chunk: string) => void, end: () => void) => () => void;
}

export function isEventStream(body: RedfishResponse["body"]): body is EventStream {
  return typeof body === "object" && typeof body["subscribe"] === "function";
}
