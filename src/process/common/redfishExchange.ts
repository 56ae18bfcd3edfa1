/** Converts between HTTP and the requests and responses of the Redfish service. */
import type { Writable } from "node:stream";

import { BodyTooLarge, type HttpHandler, type HttpRequest, type HttpResponse } from "../../io/http/exchange.js";
import type { CompleteResponse, EventStream, RedfishRequest } from "../../protocol/redfish/exchange.js";
import { maxBodyBytes } from "../../protocol/redfish/requestBody.js";
import type { RedfishService } from "../../protocol/redfish/service.js";

/** Maximum unread data of an event stream before its client is disconnected, bytes. */
const maxUnreadBytes = 1_024 * 1_024;

export function createExchange(service: Pick<RedfishService, "handle">): HttpHandler {
  return (request) => {
    const asked = toRedfish(request);
    if (!request.hasBody) {
      const response = service.handle(asked);
      return response instanceof Promise ? response.then(toHttp) : toHttp(response);
    }
    return bodyOf(request)
      .then((body) => service.handle({ ...asked, ...body }))
      .then(toHttp);
  };
}

function toRedfish({ method, target, headers, remote: { address } }: HttpRequest): RedfishRequest {
  const origin = originForm(target);
  const end = origin.indexOf("?");
  return {
    method,
    path: end < 0 ? origin : origin.slice(0, end),
    query: end < 0 ? "" : origin.slice(end + 1),
    // Node joins repeated headers, except for Set-Cookie, which no client sends.
    headers: headers as RedfishRequest["headers"],
    // An IPv4 client of a socket on `::`.
    remote: address.startsWith("::ffff:") ? address.replace(/^::ffff:(?=\d+\.)/, "") : address,
  };
}

/** RFC 9112 §3.2.2: a server accepts `https://host/path` too. */
function originForm(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "");
}

async function bodyOf({ readBody }: HttpRequest): Promise<Pick<RedfishRequest, "body" | "isBodyTooLarge">> {
  try {
    return { body: (await readBody(maxBodyBytes)).toString() };
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return { isBodyTooLarge: true };
    }
    throw error;
  }
}

function toHttp(response: CompleteResponse): HttpResponse {
  const { status, headers, body } = response;
  return typeof body === "object"
    ? { status, headers, body: { stream: (stream) => pass(body, stream) } }
    : (response as HttpResponse);
}

function pass(events: EventStream, stream: Writable): void {
  const listen = (chunk: string): void => {
    stream.write(chunk);
    if (stream.writableLength > maxUnreadBytes) {
      stream.destroy();
    }
  };
  const unsubscribe = events.subscribe(listen, () => stream.end());
  stream.once("close", unsubscribe);
}
