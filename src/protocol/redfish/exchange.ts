/**
 * One request to the Redfish service and its response, as data, independent of the transport: both can be sent to another
 * process as JSON, and an event stream as messages, since its chunks are text.
 */
import { defined } from "../../base/defined.js";
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
  readonly body?: string;
  /** The body is beyond `maxBodyBytes`, and not here. */
  readonly isBodyTooLarge?: true;
  /** IP address of the client. */
  readonly remote: string;
}

export interface RedfishResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, as an object or as text with its Content-Type; another text (XML); or a stream of lines. */
  readonly body?: JsonObject | string | EventStream;
}

/** Ready to be sent: all headers, and JSON as text. The body must not be sent for a HEAD request. */
export interface CompleteResponse extends RedfishResponse {
  readonly body?: string | EventStream;
}

export const jsonType = { "Content-Type": "application/json; charset=utf-8" } as const;

/** Adds the headers that all responses have. Returns a complete response unchanged. */
export function complete(response: RedfishResponse): CompleteResponse {
  const { status, headers, body } = response;
  if (isComplete(response)) {
    return response;
  }
  const common = { "OData-Version": "4.0", "Cache-Control": "no-cache" };
  if (body === undefined || isEventStream(body)) {
    return defined({ status, headers: { ...common, ...headers }, body });
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? {} : jsonType;
  const length = { "Content-Length": String(Buffer.byteLength(text)) };
  return { status, headers: { ...common, ...type, ...headers, ...length }, body: text };
}

/** The JSON body of a response; undefined if it has none. */
export function jsonBodyOf({ headers, body }: RedfishResponse): JsonObject | undefined {
  if (typeof body !== "string") {
    return isEventStream(body) ? undefined : body;
  }
  return headers["Content-Type"] === jsonType["Content-Type"] ? (JSON.parse(body) as JsonObject) : undefined;
}

function isComplete(response: RedfishResponse): response is CompleteResponse {
  const { headers, body } = response;
  return headers["OData-Version"] !== undefined && (typeof body !== "object" || isEventStream(body));
}

/** Server-Sent Events; each chunk consists of complete lines. */
export interface EventStream {
  /** Returns the function that unsubscribes; `end` is called when the service ends the stream. */
  readonly subscribe: (listener: (chunk: string) => void, end: () => void) => () => void;
}

export function isEventStream(body: RedfishResponse["body"]): body is EventStream {
  return typeof body === "object" && typeof body["subscribe"] === "function";
}
