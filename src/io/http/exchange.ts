/** One HTTP request and its response, as data and streams: what handlers see of a server. */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable, Writable } from "node:stream";

export interface HttpRequest {
  readonly method: string;
  /** Path and query as sent, e.g. `/redfish/v1/Systems?$expand=.`. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly remote: { readonly address: string; readonly port: number };
  /** Whether there is a body to be read, if only an empty one. */
  readonly hasBody: boolean;
  /** The whole body. Rejects with BodyTooLarge, and when the client goes away. */
  readonly readBody: (maxBytes: number) => Promise<Buffer>;
  /** The body as it comes, for what must not be held in memory. */
  readonly body: Readable;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** HEAD requests get the headers only. Without a Content-Length in the headers it is counted. */
  readonly body?: string | Uint8Array | StreamedBody;
}

/** A body without a known end, such as Server-Sent Events. */
export interface StreamedBody {
  /** `stream` closes when the client goes away, or when the server closes. */
  readonly stream: (stream: Writable) => void;
}

/** `error` is logged and answered with 500; the client does not see it. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}
