/** The HTTP room through real sockets: limits, TLS, bodies, and how a server closes. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { connect as connectTls, createSecureContext } from "node:tls";

import { generate } from "selfsigned";

import { BodyTooLarge, type HttpHandler } from "../../../src/io/http/exchange.js";
import { type HttpServer, type HttpServerOptions, openHttpServer } from "../../../src/io/http/server.js";

const hello: HttpHandler = ({ method, target }) => Promise.resolve({ status: 200, body: `${method} ${target}` });

async function open(
  t: TestContext,
  handle: HttpHandler,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer & { readonly errors: unknown[] }> {
  const errors: unknown[] = [];
  const onError = (error: unknown): unknown => errors.push(error);
  const server = await openHttpServer({ address: "127.0.0.1", port: 0, handle, onError, ...options });
  t.after(server.close);
  return { ...server, errors };
}

/** All that comes until the server closes the connection. */
async function receivedUntilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

describe("requests and responses", () => {
  test("a request reaches its handler as data, and HEAD gets the headers of GET", async (t) => {
    const { port } = await open(t, hello);
    const got = await fetch(`http://127.0.0.1:${port}/a?b=c`);
    assert.deepEqual([got.status, await got.text()], [200, "GET /a?b=c"]);
    const head = await fetch(`http://127.0.0.1:${port}/a?b=c`, { method: "HEAD" });
    assert.deepEqual([head.headers.get("content-length"), await head.text()], ["11", ""]);
  });

  test("an unknown method is 501, and what is not HTTP is 400", async (t) => {
    const { port } = await open(t, hello);
    const receive = async (sent: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.write(sent);
      return receivedUntilClosed(socket);
    };
    assert.match(await receive("BREWCOFFEE / HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1.1 501 Not Implemented\r\n/);
    assert.match(await receive("GET / FTP/1.1\r\n\r\n"), /^HTTP\/1.1 400 Bad Request\r\n/);
  });

  test("an answer given at once keeps the connection, unless the client is not done with its body", async (t) => {
    const { port } = await open(t, () => ({ status: 200, headers: { "Content-Length": "2" }, body: "ok" }));
    const socket = connect(port, "127.0.0.1");
    const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.write(`${get}${get}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`);
    const received = await receivedUntilClosed(socket);
    const connections = [...received.matchAll(/^Connection: (.*)\r$/gm)].map(([, value]) => value);
    assert.deepEqual(connections, ["keep-alive", "keep-alive", "close"]);
    assert.equal(received.match(/Content-Length: 2\r/g)?.length, 3);
  });

  test("a body over the limit is refused whether its length is given or not, and the connection ends", async (t) => {
    const { port, errors } = await open(t, async ({ readBody }) => {
      try {
        return { status: 200, body: await readBody(10) };
      } catch (error) {
        assert.ok(error instanceof BodyTooLarge);
        return { status: 413 };
      }
    });
    const url = `http://127.0.0.1:${port}/`;
    assert.equal(await (await fetch(url, { method: "POST", body: "0123456789" })).text(), "0123456789");
    assert.equal((await fetch(url, { method: "POST", body: "0123456789x" })).status, 413);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789x\r\n");
    assert.match(await receivedUntilClosed(socket), /^HTTP\/1.1 413 .*\r\nConnection: close\r\n/s);
    assert.deepEqual(errors, []);
  });

  test("what a handler throws is reported, and its client learns nothing of it", async (t) => {
    const { port, errors } = await open(t, () => Promise.reject(new Error("secret")));
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
    assert.equal(errors.length, 1);
  });

  test("a stream goes on until its client goes away", async (t) => {
    let gone: Promise<unknown> | undefined;
    const { port } = await open(t, () =>
      Promise.resolve({
        status: 200,
        headers: { "Content-Type": "text/event-stream" },
        body: {
          stream: (stream) => {
            gone = once(stream, "close");
            stream.write("data: 1\n\n");
          },
        },
      }),
    );
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal });
    const first = await response.body?.getReader().read();
    assert.equal(Buffer.from(first?.value ?? []).toString(), "data: 1\n\n");
    abort.abort();
    await gone;
  });
});

describe("limits", () => {
  test("a client that sends its headers slowly is cut off", async (t) => {
    const { port } = await open(t, hello, { limits: { requestTimeoutMs: 50 } });
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost:");
    assert.match(await receivedUntilClosed(socket), /^(HTTP\/1.1 408 .*)?$/s);
  });

  test("one client has so many connections, and more once some are closed", async (t) => {
    const { port } = await open(t, hello, { limits: { maxConnectionsPerClient: 2 } });
    const first = connect(port, "127.0.0.1");
    const second = connect(port, "127.0.0.1");
    await Promise.all([once(first, "connect"), once(second, "connect")]);
    assert.equal(await receivedUntilClosed(connect(port, "127.0.0.1")), "");
    first.end();
    await receivedUntilClosed(first);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
    second.destroy();
  });

  test("headers beyond 16 KiB are refused", async (t) => {
    const { port } = await open(t, hello);
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { "X-Long": "x".repeat(17_000) } });
    assert.equal(response.status, 431);
  });
});

describe("closing", () => {
  test("lets a request under way end, and then closes idle and open connections", async (t) => {
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      void open(t, async () => {
        resolve();
        await new Promise<void>((done) => (release = done));
        return { status: 200, body: "done" };
      }).then((opened) => (server = opened));
    });
    let server: HttpServer | undefined;
    while (!server) {
      await new Promise(setImmediate);
    }
    const answer = fetch(`http://127.0.0.1:${server.port}/`);
    await arrived;
    const closed = server.close();
    release();
    assert.equal(await (await answer).text(), "done");
    await closed;
  });
});

describe("HTTPS", async () => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], { keyType: "ec" });
  const context = createSecureContext({ cert, key, minVersion: "TLSv1.2" });
  const secureContext = { secureContext: () => context };

  const get = (port: number, options: object = {}): Promise<{ status: number; protocol: string | null }> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest({ host: "127.0.0.1", port, rejectUnauthorized: false, agent: false, ...options });
      request.on("response", (response) => {
        const protocol =
          "getProtocol" in response.socket ? (response.socket as never as { getProtocol(): string }) : null;
        resolve({ status: response.statusCode ?? 0, protocol: protocol?.getProtocol() ?? null });
        response.resume();
      });
      request.on("error", reject);
      request.end();
    });

  test("answers over TLS 1.2 and 1.3, and over nothing older", async (t) => {
    const { port } = await open(t, hello, secureContext);
    assert.deepEqual(await get(port), { status: 200, protocol: "TLSv1.3" });
    assert.deepEqual(await get(port, { maxVersion: "TLSv1.2" }), { status: 200, protocol: "TLSv1.2" });
    await assert.rejects(get(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
  });

  test("plain HTTP on that port gets no answer, and a handshake that does not end is cut off", async (t) => {
    const { port } = await open(t, hello, {
      ...secureContext,
      limits: { handshakeTimeoutMs: 1_000, maxHandshakes: 1 },
    });
    const plain = connect(port, "127.0.0.1");
    plain.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.doesNotMatch(await receivedUntilClosed(plain), /HTTP/);
    const silent = connect(port, "127.0.0.1");
    await once(silent, "connect");
    const oneTooMany = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
    await Promise.all([receivedUntilClosed(oneTooMany), receivedUntilClosed(silent)]);
    assert.equal((await get(port)).status, 200);
  });

  test("a certificate that is replaced serves the next handshake", async (t) => {
    const other = await generate([{ name: "commonName", value: "other" }], { keyType: "ec" });
    let current = context;
    const { port } = await open(t, hello, { secureContext: () => current });
    const subject = async (): Promise<unknown> => {
      const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
      await once(socket, "secureConnect");
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    assert.equal(await subject(), "localhost");
    current = createSecureContext({ cert: other.cert, key: other.private });
    assert.equal(await subject(), "other");
  });
});
