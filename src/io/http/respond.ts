/** Turns Node's request and response into an exchange, and back. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { BodyTooLarge, type HttpHandler, type HttpRequest, type HttpResponse } from "./exchange.js";

/** @param onError gets the error that the handler threw; the client only gets 500 */
export function respond(
  handle: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onError: (error: unknown) => void,
): void {
  const fail = (error: unknown): void => {
    if (!incoming.destroyed || incoming.complete) {
      onError(error);
    }
    if (outgoing.headersSent) {
      outgoing.destroy();
    } else {
      send({ status: 500, headers: { "Content-Type": "text/plain" }, body: "Internal server error\n" }, outgoing);
    }
  };
  // A client that goes away is not an error of ours.
  outgoing.on("error", ignore);
  try {
    const response = handle(toRequest(incoming));
    if (response instanceof Promise) {
      response.then((settled) => send(settled, outgoing)).catch(fail);
    } else {
      send(response, outgoing);
    }
  } catch (error) {
    fail(error);
  }
}

function ignore(): void {
  // The client has gone.
}

function toRequest(incoming: IncomingMessage): HttpRequest {
  const { method = "GET", url: target = "/", headers, socket } = incoming;
  return {
    method,
    target,
    headers,
    remote: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    hasBody: hasBody(incoming),
    readBody: (maxBytes) => readBody(incoming, maxBytes),
    body: incoming,
  };
}

/** RFC 9112 §6: a request has one when it says how it is framed. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  incoming.on("error", ignore);
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) {
    throw new BodyTooLarge(`the body must not be longer than ${maxBytes} bytes`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new BodyTooLarge(`the body must not be longer than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** All headers at once: Node copies them when they are set one by one. */
function send({ status, headers = {}, body }: HttpResponse, outgoing: ServerResponse): void {
  const isStream = typeof body === "object" && "stream" in body;
  const hasLength = headers["Content-Length"] !== undefined || isStream || status === 204 || status === 304;
  // Do not read the rest of the request body.
  const isCut = !outgoing.req.complete && hasBody(outgoing.req);
  outgoing.writeHead(
    status,
    hasLength && !isCut
      ? (headers as Record<string, string | string[]>)
      : {
          ...headers,
          ...(!hasLength && { "Content-Length": body === undefined ? 0 : Buffer.byteLength(body) }),
          ...(isCut && { Connection: "close" }),
        },
  );
  if (isStream) {
    outgoing.flushHeaders();
    body.stream(outgoing);
  } else {
    outgoing.end(body);
  }
}
