/** An HTTP server of images that does what tests tell it: serve, be slow, break off, lie, redirect, ask for a login. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

import { generate } from "selfsigned";

export interface ImageServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** PEM; with TLS only. */
  readonly certificate: string | undefined;
  /** By path. */
  readonly images: Map<string, Buffer>;
  /** Set: asked instead of serving the image; true: it has answered. */
  handle: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Paths that were asked for, in their order. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  readonly close: () => Promise<void>;
}

export async function startImageServer({ tls = false } = {}): Promise<ImageServer> {
  const images = new Map<string, Buffer>();
  const requests: ImageServer["requests"] = [];
  const answer: RequestListener = (request, response) => {
    const path = request.url ?? "/";
    requests.push({ path, authorization: request.headers.authorization });
    if (server.handle?.(request, response) === true) {
      return;
    }
    const image = images.get(path);
    if (image) {
      response.writeHead(200, { "Content-Length": image.length, ETag: `"${image.length}"` }).end(image);
    } else {
      response.writeHead(404).end();
    }
  };
  const pem = tls ? await generate([{ name: "commonName", value: "image server" }], { keyType: "ec" }) : undefined;
  const listener = pem ? createTlsServer({ key: pem.private, cert: pem.cert }, answer) : createServer(answer);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const server: ImageServer = {
    url: `${tls ? "https" : "http"}://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    certificate: pem?.cert,
    images,
    handle: undefined,
    requests,
    close: async () => {
      const closed = once(listener, "close");
      listener.close();
      listener.closeAllConnections();
      await closed;
    },
  };
  return server;
}
