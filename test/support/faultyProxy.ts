/**
 * A TLS server in front of a vCenter, whichever: it passes requests on, counts them by method, and misbehaves on demand as
 * load balancers and vCenters that restart do.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { generate } from "selfsigned";

import { defined } from "../../src/base/defined.js";

export type Fault =
  /** HTTP 503 with a page of HTML. */
  | "unavailable"
  /** HTTP 200 with a page of HTML. */
  | "html"
  /** HTTP 200 without a body. */
  | "empty"
  /** HTTP 200 with XML that breaks off. */
  | "garbage"
  | "redirect"
  /** The connection is reset without an answer. */
  | "reset"
  /** Never answered. */
  | "hang"
  /** No one listens. */
  | "away";

export interface FaultyProxy {
  readonly port: number;
  /** Misbehaves from now on, towards requests that are under way too; undefined: no more. */
  readonly setFault: (fault: Fault | undefined) => Promise<void>;
  /** Ends, at the vCenter, all sessions that were opened through the proxy. */
  readonly endSessions: () => Promise<void>;
  /** Requests that were passed on; of one method, or all but the waits for updates. */
  readonly calls: (method?: string) => number;
  readonly close: () => Promise<void>;
}

const pages: Readonly<Partial<Record<Fault, (response: ServerResponse) => void>>> = {
  unavailable: (response) => sendHtml(response, 503),
  html: (response) => sendHtml(response, 200),
  empty: (response) => response.writeHead(200).end(),
  garbage: (response) =>
    response.writeHead(200, { "Content-Type": "text/xml" }).end("<soapenv:Envelope><soapenv:Body>"),
  redirect: (response) => response.writeHead(302, { Location: "/ui/" }).end(),
};

function sendHtml(response: ServerResponse, status: number): void {
  response.writeHead(status, { "Content-Type": "text/html" }).end("<html><body><h1>Try later</h1></body></html>");
}

/** `url` is the vCenter's. */
export async function startFaultyProxy(url: string): Promise<FaultyProxy> {
  const certificate = await generate([{ name: "commonName", value: "proxy" }], { keyType: "ec", algorithm: "sha256" });
  const target = { host: new URL(url).hostname, port: new URL(url).port, path: "/sdk", rejectUnauthorized: false };
  const agent = new Agent({ keepAlive: true });
  const cookies = new Set<string>();
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let fault: Fault | undefined;

  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (fault === undefined) {
      const method = /Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? "unknown";
      counts.set(method, (counts.get(method) ?? 0) + 1);
      const { status, contentType, setCookie, text } = await pass(body, request.headers.cookie);
      setCookie.forEach((cookie) => cookies.add(cookie.split(";")[0] ?? ""));
      response.writeHead(status, { "Content-Type": contentType, "Set-Cookie": setCookie }).end(text);
    } else if (fault === "reset") {
      request.socket.destroy();
    } else {
      pages[fault]?.(response);
    }
  }

  async function pass(body: string, cookie: string | undefined) {
    const headers = defined({
      "Content-Type": "text/xml; charset=utf-8",
      SOAPAction: '"urn:vim25/6.5"',
      Cookie: cookie,
    });
    const request = httpsRequest({ ...target, agent, method: "POST", headers });
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const { "content-type": contentType, "set-cookie": setCookie = [] } = response.headers;
    return { status: response.statusCode ?? 0, contentType, setCookie, text: await textOf(response) };
  }

  async function listen(port: number): Promise<number> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  async function stopListening(): Promise<void> {
    if (server.listening) {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, "close");
    }
  }

  const port = await listen(0);
  return {
    port,
    setFault: async (next) => {
      fault = next;
      if (next === "away") {
        await stopListening();
      } else if (!server.listening) {
        await listen(port);
      }
      // One that hangs is not noticed by its connections.
      if (next !== undefined && next !== "hang") {
        sockets.forEach((socket) => socket.destroy());
      }
    },
    endSessions: async () => {
      for (const cookie of cookies) {
        await pass(logout, cookie);
      }
      cookies.clear();
    },
    calls: (method) =>
      [...counts]
        .filter(([name]) => (method === undefined ? name !== "WaitForUpdatesEx" : name === method))
        .reduce((sum, [, count]) => sum + count, 0),
    close: async () => {
      await stopListening();
      agent.destroy();
    },
  };
}

const logout =
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>` +
  `<Logout xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this></Logout></Body></Envelope>`;

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  message.setEncoding("utf8");
  for await (const chunk of message) {
    text += String(chunk);
  }
  return text;
}
