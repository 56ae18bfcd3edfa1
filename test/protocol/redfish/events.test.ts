/** Events to who subscribed to them, and to who listens to a stream (DSP0266 "Eventing"). */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createInMemoryStorage } from "../../../src/model/bmc/state/storage.js";
import type { Destination } from "../../../src/protocol/redfish/events/deliveryQueue.js";
import type { EventStream } from "../../../src/protocol/redfish/exchange.js";
import { isJsonArray, type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import type { RedfishOptions } from "../../../src/protocol/redfish/service.js";
import { schemaErrors } from "../../support/redfishSchemas.js";
import { basic, createTestRedfish, messageNames, type TestRedfish } from "../../support/testRedfish.js";

const subscriptions = "/redfish/v1/EventService/Subscriptions";
const submit = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent";
const destination = "https://events.example.com/redfish";
const wish = { Destination: destination, Protocol: "Redfish", Context: "rack 7" };

interface Sent {
  readonly destination: Destination;
  readonly body: JsonObject;
}

/** A service whose deliveries are kept; `fails` many of them fail first. */
function createSubscribed(
  options: Partial<RedfishOptions> = {},
): TestRedfish & { readonly sent: Sent[]; fails: number } {
  const sent: Sent[] = [];
  const state = { fails: 0 };
  const redfish = createTestRedfish(
    {},
    {
      delivery: {
        refusal: (url) => (url.includes("169.254.") ? "169.254.169.254 is an address of no server" : undefined),
        post: (to, body) => {
          sent.push({ destination: to, body: JSON.parse(body) as JsonObject });
          return state.fails-- > 0 ? Promise.reject(new Error("refused")) : Promise.resolve();
        },
      },
      ...options,
    },
  );
  redfish.push();
  return Object.defineProperty(Object.assign(redfish, { sent, fails: 0 }), "fails", {
    set: (value: number) => {
      state.fails = value;
    },
  });
}

function records(sent: readonly Sent[]): JsonObject[] {
  return sent.flatMap(({ body }) => (isJsonArray(body["Events"]) ? (body["Events"] as readonly JsonObject[]) : []));
}

function names(sent: readonly Sent[]): string[] {
  return records(sent).map(({ MessageId }) => textOf(MessageId));
}

/** Deliveries go out one after the other. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("a subscriber learns that the machine was switched on, with the context and what it may not read again", async () => {
  const redfish = createSubscribed();
  const HttpHeaders = [{ Authorization: "Bearer t0ken" }];
  const created = await redfish.send("POST", subscriptions, {
    ...wish,
    HttpHeaders,
    ResourceTypes: ["ComputerSystem"],
  });
  assert.equal(created.status, 201);
  assert.deepEqual([created.body["HttpHeaders"], created.body["Context"]], [[], "rack 7"]);
  assert.deepEqual(schemaErrors(created.body), []);
  redfish.machine.state = "poweredOn";
  redfish.push();
  await settled();
  assert.deepEqual(names(redfish.sent), ["ResourceEvent.1.4.ResourcePoweredOn"]);
  const [{ destination: to, body } = assert.fail()] = redfish.sent;
  assert.deepEqual(schemaErrors(body), []);
  assert.equal(body["Context"], "rack 7");
  assert.deepEqual(to, {
    url: destination,
    headers: [{ name: "Authorization", value: "Bearer t0ken" }],
    verifyCertificate: false,
  });
  assert.equal((await redfish.send("DELETE", textOf(created.body["@odata.id"]))).status, 204);
  redfish.machine.state = "poweredOff";
  redfish.push();
  await settled();
  assert.equal(redfish.sent.length, 1);
});

test("records of the SEL, health and tasks are events, each as the schema has it", async () => {
  const redfish = createSubscribed();
  await redfish.send("POST", subscriptions, wish);
  redfish.bmc.events.record({ type: "questionAsked" });
  redfish.machine.known = { overallStatus: "red" };
  redfish.push();
  const reset = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset";
  const { body } = await redfish.send("POST", reset, { ResetType: "ForceOff" }, { prefer: "respond-async" });
  await settled();
  const told = names(redfish.sent);
  for (const name of ["ResourceEvent.1.4.ResourceStatusChangedCritical", "TaskEvent.1.0.TaskStarted"]) {
    assert.ok(told.includes(name), `${name}: ${told.join(", ")}`);
  }
  assert.ok(told.includes("TaskEvent.1.0.TaskCompletedOK"), told.join(", "));
  assert.ok(JSON.stringify(records(redfish.sent)).includes(textOf(body["@odata.id"])));
  const entry = records(redfish.sent).find(({ LogEntry }) => LogEntry !== undefined)?.["LogEntry"] as JsonObject;
  assert.equal((await redfish.send("GET", textOf(entry["@odata.id"]))).status, 200);
  assert.deepEqual(
    redfish.sent.flatMap(({ body: event }) => schemaErrors(event)),
    [],
  );
});

test("filters let through what they name", async () => {
  for (const [filter, passes] of [
    [{ MessageIds: ["ResourceEvent.TestMessage"] }, true],
    [{ MessageIds: ["ResourceEvent.1.4.TestMessage"] }, true],
    [{ MessageIds: ["ResourceEvent.1.4.ResourceCreated"] }, false],
    [{ RegistryPrefixes: ["ResourceEvent"] }, true],
    [{ RegistryPrefixes: ["TaskEvent"] }, false],
    [{ Severities: ["Warning"] }, true],
    [{ Severities: ["OK"] }, false],
    [{ EventTypes: ["Alert"] }, true],
    [{ EventTypes: ["StatusChange"] }, false],
  ] as const) {
    const redfish = createSubscribed();
    assert.equal((await redfish.send("POST", subscriptions, { ...wish, ...filter })).status, 201);
    const event = { MessageId: "ResourceEvent.1.4.TestMessage", MessageSeverity: "Warning", EventType: "Alert" };
    assert.equal((await redfish.send("POST", submit, event)).status, 204);
    await settled();
    assert.equal(redfish.sent.length, passes ? 1 : 0, JSON.stringify(filter));
  }
});

test("an event is tried three times, 10 s apart, and the next one comes after it", async () => {
  const redfish = createSubscribed();
  await redfish.send("POST", subscriptions, wish);
  redfish.fails = 3;
  for (const MessageId of ["A.1.0.First", "A.1.0.Second"]) {
    await redfish.send("POST", submit, { MessageId });
  }
  for (let round = 0; round < 4; round++) {
    await settled();
    redfish.timers.pass(10_000);
  }
  await settled();
  assert.deepEqual(names(redfish.sent), ["A.1.0.First", "A.1.0.First", "A.1.0.First", "A.1.0.Second"]);
});

test("what may not be reached, or is not a subscriber's URL, is refused", async () => {
  const redfish = createSubscribed();
  for (const [change, name] of [
    [{ Destination: "http://169.254.169.254/latest" }, "PropertyValueFormatError"],
    [{ Destination: "ftp://events.example.com/" }, "PropertyValueFormatError"],
    [{ Destination: "https://user:secret@events.example.com/" }, "PropertyValueFormatError"],
    [{ Protocol: "SNMPv3" }, "PropertyValueNotInList"],
    [{ HttpHeaders: [{ "X-A": "b\r\nc: d" }] }, "PropertyValueFormatError"],
    [{ HttpHeaders: [{ Host: "other" }] }, "PropertyValueFormatError"],
  ] as const) {
    const reply = await redfish.send("POST", subscriptions, { ...wish, ...change });
    assert.deepEqual([reply.status, messageNames(reply)], [400, [name]], JSON.stringify(change));
  }
});

test("subscriptions outlive the service, and there are 16 at most", async () => {
  const storage = createInMemoryStorage();
  const first = createSubscribed({ storage });
  for (let count = 0; count < 16; count++) {
    assert.equal((await first.send("POST", subscriptions, wish)).status, 201);
  }
  assert.deepEqual(messageNames(await first.send("POST", subscriptions, wish)), ["CreateLimitReachedForResource"]);
  first.service.close();
  const second = createSubscribed({ storage });
  assert.equal((await second.get(subscriptions))["Members@odata.count"], 16);
});

test("who listens gets events as lines, is a subscription meanwhile, and is ended with the account or the BMC", async () => {
  const redfish = createSubscribed();
  const listen = async (auth = basic()): Promise<{ lines: string[]; isEnded: () => boolean; leave: () => void }> => {
    const { body } = await redfish.service.handle({
      method: "GET",
      path: "/redfish/v1/EventService/SSE",
      query: "",
      headers: auth,
      remote: "192.0.2.9",
    });
    const lines: string[] = [];
    let isEnded = false;
    const leave = (body as EventStream).subscribe(
      (chunk) => void lines.push(chunk),
      () => (isEnded = true),
    );
    return { lines, isEnded: () => isEnded, leave };
  };
  const listener = await listen();
  const { Members } = (await redfish.get(subscriptions)) as { readonly Members?: readonly JsonObject[] };
  const uri = textOf(Members?.[0]?.["@odata.id"]);
  const shown = await redfish.get(uri);
  assert.equal(shown["SubscriptionType"], "SSE");
  assert.deepEqual(schemaErrors(shown), []);
  await redfish.send("POST", submit, { MessageId: "A.1.0.Test" });
  const [, id, data = ""] = /^id: (\d+)\ndata: (.*)\n\n$/.exec(listener.lines.at(-1) ?? "") ?? [];
  const event = JSON.parse(data) as JsonObject;
  assert.equal(event["Id"], id);
  listener.leave();
  assert.equal((await redfish.get(subscriptions))["Members@odata.count"], 0);
  const ended = await listen();
  const { Members: again } = (await redfish.get(subscriptions)) as { readonly Members?: readonly JsonObject[] };
  await redfish.send("DELETE", textOf(again?.[0]?.["@odata.id"]));
  assert.ok(ended.isEnded());
  const last = await listen();
  redfish.service.close();
  assert.ok(last.isEnded());
});
