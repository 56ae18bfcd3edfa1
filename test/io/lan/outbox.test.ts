import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { createOutbox } from "../../../src/io/lan/outbox.js";

test("one client alone is answered at once, several together and each in order, and then one alone again", async () => {
  const sent: string[] = [];
  const post = createOutbox((reply, port, address) => sent.push(`${reply.toString()} ${address}:${port}`));
  const reply = (text: string, port: number): void => post(Buffer.from(text), port, "192.0.2.1");
  reply("first", 1);
  assert.deepEqual(sent, []);
  await turn();
  assert.deepEqual(sent.splice(0), ["first 192.0.2.1:1"]);
  reply("second", 1);
  reply("third", 1);
  assert.deepEqual(sent.splice(0), ["second 192.0.2.1:1", "third 192.0.2.1:1"]);
  reply("other", 2);
  reply("fourth", 1);
  reply("fifth", 1);
  assert.deepEqual(sent, []);
  await turn();
  assert.deepEqual(sent.splice(0), ["other 192.0.2.1:2", "fourth 192.0.2.1:1", "fifth 192.0.2.1:1"]);
  reply("sixth", 1);
  assert.deepEqual(sent, []);
  await turn();
  reply("seventh", 1);
  assert.deepEqual(sent, ["sixth 192.0.2.1:1", "seventh 192.0.2.1:1"]);
});
