/** Events over Redfish from a real daemon: by POST to a subscriber, and to who listens; and what is seen of its sessions. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";

import { ask, type HttpsAnswer, type HttpsQuestion } from "../support/httpsClient.js";
import { patiently, until } from "../support/patience.js";
import { freeTcpPort } from "../support/ports.js";
import type { Outcome } from "../support/programs.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

const silence: Outcome = { code: 0, stdout: "", stderr: "" };
const subscriptions = "/redfish/v1/EventService/Subscriptions";

interface Envelope {
  readonly Context?: string;
  readonly Events: readonly { readonly MessageId: string; readonly Message: string }[];
}

/** A receiver of events by POST. */
interface Subscriber {
  readonly port: number;
  readonly headers: IncomingMessage["headers"][];
  /** Resolves with the first event, now or later, whose MessageId and text fit. */
  readonly received: (text: RegExp) => Promise<Envelope>;
  readonly close: () => void;
}

async function startSubscriber(): Promise<Subscriber> {
  const events: Envelope[] = [];
  const headers: IncomingMessage["headers"][] = [];
  let check: () => void = () => undefined;
  const server: Server = createServer((incoming, response) => {
    headers.push(incoming.headers);
    void incoming.toArray().then((chunks: Buffer[]) => {
      events.push(JSON.parse(Buffer.concat(chunks).toString()) as Envelope);
      response.writeHead(204).end();
      check();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    headers,
    received: (text) =>
      patiently(
        new Promise((resolve) => {
          check = () => {
            const found = events.find(({ Events }) =>
              Events.some(({ MessageId, Message }) => text.test(`${MessageId} ${Message}`)),
            );
            if (found) {
              resolve(found);
            }
          };
          check();
        }),
        () => `an event ${text.source}; there are ${JSON.stringify(events)}`,
      ),
    close: () => server.close(),
  };
}

/** Server-Sent Events, as text. */
interface Listener {
  readonly status: number;
  readonly heard: (text: RegExp) => Promise<void>;
  readonly ended: Promise<unknown>;
  readonly close: () => void;
}

async function listen(port: number): Promise<Listener> {
  const asked = request({
    ...{ host: "127.0.0.1", port, path: "/redfish/v1/EventService/SSE", auth: "admin:password", agent: false },
    ...{ rejectUnauthorized: false, headers: { Accept: "text/event-stream" } },
  });
  asked.on("error", () => undefined);
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  let check: () => void = () => undefined;
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    check();
  });
  return {
    status: answer.statusCode ?? 0,
    heard: (wanted) =>
      patiently(
        new Promise((resolve) => {
          check = () => {
            if (wanted.test(text)) {
              resolve();
            }
          };
          check();
        }),
        () => `${wanted.source} in ${text}`,
      ),
    ended: new Promise((resolve) => answer.on("error", () => undefined).once("close", resolve)),
    close: () => asked.destroy(),
  };
}

describe("events of a BMC that serves Redfish", () => {
  let bmcs: TwoBmcs;
  let subscriber: Subscriber;
  let port: number;
  let metricsPort: number;

  before(async () => {
    metricsPort = await freeTcpPort();
    const configuration = [
      ...["[redfish]", "event_loopback = true", "max_connections = 8"],
      ...["[log]", "debug = true", "[metrics]", `listen = 127.0.0.1:${metricsPort}`, ""],
    ].join("\n");
    bmcs = await startTwoBmcs({ configuration });
    subscriber = await startSubscriber();
    port = await freeTcpPort();
    assert.deepEqual(await bmcs.daemon.vbmc("set", "lab-01", "--redfish-port", String(port)), silence);
  });
  after(async () => {
    subscriber.close();
    await bmcs.close();
  });

  const send = (method: string, path: string, more: Partial<HttpsQuestion> = {}): Promise<HttpsAnswer> =>
    ask({ port, path, method, auth: "admin:password", ...more });
  const reset = (type: string): Promise<HttpsAnswer> =>
    send("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", { json: { ResetType: type } });
  const metric = async (line: string): Promise<boolean> =>
    (await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).split("\n").includes(line);

  test("a power change reaches a subscriber by POST, by its host name, with its context, and who listens", async () => {
    const destination = {
      Destination: `http://localhost:${subscriber.port}/events`,
      Protocol: "Redfish",
      Context: "rack 7",
      HttpHeaders: [{ "X-Secret": "t0p-secret" }],
    };
    const created = await send("POST", subscriptions, { json: destination });
    assert.equal(created.status, 201, created.body);
    assert.doesNotMatch(created.body, /t0p-secret/);
    const listener = await listen(port);
    assert.equal(listener.status, 200);
    assert.equal((await reset("On")).status, 204);
    const { Context } = await subscriber.received(/^ResourceEvent\.1\.4\.ResourcePoweredOn /);
    assert.equal(Context, "rack 7");
    assert.equal(subscriber.headers[0]?.["x-secret"], "t0p-secret");
    await listener.heard(/^id: \d+\ndata: \{.*ResourcePoweredOn.*\}\n\n/m);
    await subscriber.received(/^ResourceEvent\.1\.4\.ResourceCreated .*by user 2/);
    listener.close();
    assert.equal((await send("DELETE", String(created.headers["location"]))).status, 204);
  });

  test("a test event is sent as it was submitted", async () => {
    const json = { Destination: `http://127.0.0.1:${subscriber.port}/`, Protocol: "Redfish" };
    assert.equal((await send("POST", subscriptions, { json })).status, 201);
    const test = { MessageId: "ResourceEvent.1.4.ResourceChanged", Message: "only a test" };
    await send("POST", "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent", { json: test });
    await subscriber.received(/^ResourceEvent\.1\.4\.ResourceChanged only a test$/);
  });

  test("a stream ends with its subscription, and with the BMC", async () => {
    const listener = await listen(port);
    await listener.heard(/:/);
    const { body } = await send("GET", subscriptions);
    const { Members } = JSON.parse(body) as { readonly Members: readonly { readonly "@odata.id": string }[] };
    assert.equal((await send("DELETE", Members.at(-1)?.["@odata.id"] ?? "")).status, 204);
    await listener.ended;
  });

  test("one client has half of the connections, and the service goes on for others", async () => {
    const listeners = await Promise.all([1, 2, 3, 4].map(() => listen(port)));
    await assert.rejects(send("GET", "/redfish/v1/"));
    listeners.forEach((listener) => listener.close());
    await Promise.all(listeners.map(({ ended }) => ended));
    // The server sees the end of a connection after its client.
    const isServed = (): Promise<boolean> =>
      send("GET", "/redfish/v1/").then(
        ({ status }) => status === 200,
        () => false,
      );
    await until("the service goes on", isServed);
  });

  test("open sessions and requests by status are metrics; the log tells each request, but no secret", async () => {
    const credentials = { UserName: "admin", Password: "password" };
    const { headers } = await send("POST", "/redfish/v1/SessionService/Sessions", { json: credentials, auth: "" });
    const token = String(headers["x-auth-token"]);
    assert.equal(
      (await send("GET", "/redfish/v1/Nothing", { auth: "", headers: { "X-Auth-Token": token } })).status,
      404,
    );
    // They are told in steps of some seconds.
    await until("a session is counted", () => metric('vbmc_redfish_sessions{bmc="lab-01"} 1'));
    assert.ok(await metric('vbmc_redfish_requests_total{bmc="lab-01",status="404"} 1'), "requests by status");
    await bmcs.daemon.logged(/"status":404,.*"msg":"Redfish request"/);
    const log = bmcs.daemon.log();
    assert.ok(
      !log.includes(token) && !log.includes("t0p-secret") && !log.includes('"password"'),
      "a secret in the log",
    );
  });

  test("on :: clients of either family are served, and an IPv4 client is one of IPv4", async () => {
    const both = await freeTcpPort();
    const set = ["set", "lab-02", "--address", "::", "--redfish-port", String(both)];
    assert.deepEqual(await bmcs.daemon.vbmc(...set), silence);
    const logIn = (host: string): Promise<HttpsAnswer> =>
      ask({
        ...{ host, port: both, path: "/redfish/v1/SessionService/Sessions", method: "POST" },
        json: { UserName: "admin", Password: "password" },
      });
    const originOf = async (host: string): Promise<unknown> =>
      (JSON.parse((await logIn(host)).body) as Record<string, unknown>)["ClientOriginIPAddress"];
    assert.deepEqual([await originOf("127.0.0.1"), await originOf("::1")], ["127.0.0.1", "::1"]);
  });
});

describe("without event_loopback", () => {
  test("no address of the daemon's host is an event destination", async (t) => {
    const bmcs = await startTwoBmcs();
    t.after(bmcs.close);
    const port = await freeTcpPort();
    assert.deepEqual(await bmcs.daemon.vbmc("set", "lab-01", "--redfish-port", String(port)), silence);
    const json = { Destination: "http://127.0.0.1:9/", Protocol: "Redfish" };
    const refused = await ask({ port, path: subscriptions, method: "POST", auth: "admin:password", json });
    assert.equal(refused.status, 400);
    assert.match(refused.body, /events are not sent there/);
  });
});
