/** Turns Node's request and response into an exchange, and back. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { BodyTooLarge, type HttpHandler, type HttpRequest, type HttpResponse } from "./exchange.js";

/** @param onError gets the error that the handler threw; the client only gets 500 */
export async function respond(
  handle: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  // A client that goes away is not an error of ours.
  outgoing.on("error", () => undefined);
  incoming.on("error", () => undefined);
  try {
    send(await handle(toRequest(incoming)), outgoing);
  } catch (error) {
    if (!incoming.destroyed || incoming.complete) {
      onError(error);
    }
    if (outgoing.headersSent) {
      outgoing.destroy();
    } else {
      send({ status: 500, headers: { "Content-Type": "text/plain" }, body: "Internal server error\n" }, outgoing);
    }
  }
}

function toRequest(incoming: IncomingMessage): HttpRequest {
  const { method = "GET", url: target = "/", headers, socket } = incoming;
  return {
    method,
    target,
    headers,
    remote: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    readBody: (maxBytes) => readBody(incoming, maxBytes),
    body: incoming,
  };
}

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
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

function send({ status, headers = {}, body }: HttpResponse, outgoing: ServerResponse): void {
  // Do not read the rest of the request body.
  if (!outgoing.req.complete) {
    outgoing.setHeader("Connection", "close");
  }
  for (const [name, value] of Object.entries(headers)) {
    outgoing.setHeader(name, value);
  }
  if (typeof body === "object" && "stream" in body) {
    outgoing.writeHead(status);
    outgoing.flushHeaders();
    body.stream(outgoing);
    return;
  }
  if (status !== 204 && status !== 304) {
    outgoing.setHeader("Content-Length", body === undefined ? 0 : Buffer.byteLength(body));
  }
  outgoing.writeHead(status);
  outgoing.end(body);
}
