/** HTTP requests as the Redfish service sees them, and its responses as clients do. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { after, before, test } from "node:test";

import { type HttpServer, openHttpServer } from "../../../src/io/http/server.js";
import { createExchange } from "../../../src/process/common/redfishExchange.js";
import type { CompleteResponse, RedfishRequest } from "../../../src/protocol/redfish/exchange.js";

let server: HttpServer;
let seen: RedfishRequest[] = [];
let answer: CompleteResponse = { status: 204, headers: {} };

before(async () => {
  const handle = (asked: RedfishRequest): Promise<CompleteResponse> => {
    seen.push(asked);
    return Promise.resolve(answer);
  };
  server = await openHttpServer({
    address: "::",
    port: 0,
    handle: createExchange({ handle }),
    onError: (error) => assert.fail(String(error)),
  });
});
after(() => server.close());

const lastBody = (): string | undefined => (seen.at(-1)?.isBodyTooLarge ? "too large" : seen.at(-1)?.body);

const notSubscribed = (): void => {
  throw new Error("nothing is subscribed yet");
};

async function send(path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  seen = [];
  const asked = request({ host: "127.0.0.1", port: server.port, path, agent: false, ...init });
  asked.end(init.body);
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return response;
}

test("path and query are apart, an absolute target is taken, and an IPv4 client of :: is one of IPv4", async () => {
  (await send("/redfish/v1/Systems?$expand=.?x")).resume();
  assert.deepEqual(
    seen.map(({ method, path, query, remote, body }) => ({ method, path, query, remote, body })),
    [{ method: "GET", path: "/redfish/v1/Systems", query: "$expand=.?x", remote: "127.0.0.1", body: undefined }],
  );
  (await send("https://bmc.example.com/redfish/v1?only")).resume();
  assert.deepEqual([seen[0]?.path, seen[0]?.query], ["/redfish/v1", "only"]);
});

test("a body comes whole, and one beyond 64 KiB only as the word that it is too large", async () => {
  (await send("/", { method: "POST", body: '{"a":1}' })).resume();
  assert.equal(lastBody(), '{"a":1}');
  (await send("/", { method: "POST", body: "x".repeat(64 * 1024 + 1) })).resume();
  assert.equal(lastBody(), "too large");
  const chunked = { "Transfer-Encoding": "chunked" };
  (await send("/", { method: "POST", body: "x".repeat(70_000), headers: chunked })).resume();
  assert.equal(lastBody(), "too large");
});

test("HEAD has the length of what GET would give, and no body", async () => {
  answer = { status: 200, headers: { ETag: '"x"' }, body: JSON.stringify({ Name: "ü" }) };
  const response = await send("/", { method: "HEAD" });
  assert.deepEqual([response.headers["content-length"], response.headers.etag], ["13", '"x"']);
  assert.deepEqual(await response.toArray(), []);
});

test("an event stream goes on until its client goes, who is unsubscribed; the service can end it", async () => {
  let tell: (chunk: string) => void = notSubscribed;
  let end: () => void = notSubscribed;
  let unsubscribed: () => void = () => undefined;
  const isUnsubscribed = (): Promise<void> => new Promise((resolve) => (unsubscribed = resolve));
  const subscribe = (listener: (chunk: string) => void, onEnd: () => void) => {
    [tell, end] = [listener, onEnd];
    return () => unsubscribed();
  };
  answer = { status: 200, headers: { "Content-Type": "text/event-stream" }, body: { subscribe } };
  const first = await send("/sse");
  tell("id: 1\ndata: {}\n\n");
  const [chunk] = (await once(first, "data")) as [Buffer];
  assert.equal(chunk.toString(), "id: 1\ndata: {}\n\n");
  const gone = isUnsubscribed();
  first.destroy();
  await gone;
  const second = await send("/sse");
  const ended = isUnsubscribed();
  end();
  assert.deepEqual(await second.toArray(), []);
  await ended;
});

test("a listener who does not read is cut off before its events fill the memory", async () => {
  let tell: (chunk: string) => void = notSubscribed;
  const cutOffs: string[] = [];
  const subscribe = (listener: (chunk: string) => void) => {
    tell = listener;
    return () => {
      cutOffs.push("now");
    };
  };
  answer = { status: 200, headers: {}, body: { subscribe } };
  const response = await send("/sse");
  response.pause();
  for (let sent = 0; cutOffs.length === 0; sent++) {
    assert.ok(sent < 1_000, "64 MB were kept");
    tell("x".repeat(64 * 1_024));
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.destroy();
});
