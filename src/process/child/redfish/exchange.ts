/** HTTP on one side, the Redfish service's requests and responses as data on the other. */
import type { Writable } from "node:stream";

import { BodyTooLarge, type HttpHandler, type HttpRequest, type HttpResponse } from "../../../io/http/exchange.js";
import {
  type EventStream,
  isEventStream,
  type RedfishRequest,
  type RedfishResponse,
} from "../../../protocol/redfish/exchange.js";
import { maximumBodyBytes } from "../../../protocol/redfish/requestBody.js";
import type { RedfishService } from "../../../protocol/redfish/service.js";

/** What a client may leave unread of an event stream before it is cut off, bytes. */
const mostUnreadBytes = 1_024 * 1_024;

export function createExchange(service: Pick<RedfishService, "handle">): HttpHandler {
  return async (request) => {
    const { status, headers, body } = await service.handle(await toRedfish(request));
    return { status, headers, ...(body !== undefined && { body: toHttp(body) }) };
  };
}

async function toRedfish(request: HttpRequest): Promise<RedfishRequest> {
  const { method, headers, remote } = request;
  const [path = "", ...query] = originForm(request.target).split("?");
  const body = await bodyOf(request);
  return {
    method,
    path,
    query: query.join("?"),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
    ),
    ...(body !== undefined && { body }),
    // An IPv4 client of a socket on `::`.
    remote: remote.address.replace(/^::ffff:(?=\d+\.)/, ""),
  };
}

/** RFC 9112 §3.2.2: a server takes `https://host/path` too. */
function originForm(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, "");
}

async function bodyOf({ headers, readBody }: HttpRequest): Promise<RedfishRequest["body"]> {
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    return undefined;
  }
  try {
    return await readBody(maximumBodyBytes);
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return "tooLarge";
    }
    throw error;
  }
}

function toHttp(body: NonNullable<RedfishResponse["body"]>): NonNullable<HttpResponse["body"]> {
  if (typeof body === "string") {
    return body;
  }
  return isEventStream(body) ? { stream: (stream) => pass(body, stream) } : JSON.stringify(body);
}

function pass(events: EventStream, stream: Writable): void {
  const listen = (chunk: string): void => {
    stream.write(chunk);
    if (stream.writableLength > mostUnreadBytes) {
      stream.destroy();
    }
  };
  const unsubscribe = events.subscribe(listen, () => stream.end());
  stream.once("close", unsubscribe);
}
