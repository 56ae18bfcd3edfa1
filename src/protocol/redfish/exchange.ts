/** One request to the Redfish service and its response, as data, independent of the transport. */
import type { JsonObject } from "./json.js";

export interface RedfishRequest {
  /** Upper case. */
  readonly method: string;
  /** Without the query, e.g. `/redfish/v1/Systems`: the service's own URIs need no percent-encoding. */
  readonly path: string;
  /** The part after the `?`, as sent; empty if there is none. */
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
  /** JSON, a text (XML, CSV), or a stream of lines. The body must not be sent for a HEAD request. */
  readonly body?: JsonObject | string | EventStream;
}

/** Server-Sent Events; each chunk consists of complete lines. */
export interface EventStream {
  /** Returns the function that unsubscribes; `end` is called when the service ends the stream. */
  readonly subscribe: (listener: (chunk: string) => void, end: () => void) => () => void;
}

export function isEventStream(body: RedfishResponse["body"]): body is EventStream {
  return typeof body === "object" && typeof body["subscribe"] === "function";
}
