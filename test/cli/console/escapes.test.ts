import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { createEscapes } from "../../../src/cli/console/escapes.js";
import { describeChange } from "../../../src/cli/console/statusText.js";
import type { ConsoleStatus } from "../../../src/io/console/messages.js";

function typed(...pieces: readonly string[]): string[] {
  const escapes = createEscapes();
  const words = pieces
    .flatMap((piece) => escapes(Buffer.from(piece)))
    .map((action) => (action.type === "data" ? JSON.stringify(action.bytes.toString()) : action.type));
  return words;
}

test("~ commands are obeyed at the beginning of a line only", () => {
  assert.deepEqual(typed("~."), ["quit"]);
  assert.deepEqual(typed("a~.\r~?\n~B"), ['"a~.\\r"', "help", '"\\n"', "break"]);
  assert.deepEqual(typed("\r", "~", "t~r"), ['"\\r"', "take", "release"]);
  assert.deepEqual(typed("~~.\r~x"), ['"~.\\r~x"']);
  assert.deepEqual(typed("~", "\r", "~."), ['"~\\r"', "quit"]);
});

test("what is typed arrives whole, however it is cut", () => {
  const text = fc.array(fc.constantFrom("a", "\r", "\n", "~~", " "), { maxLength: 20 });
  fc.assert(
    fc.property(text, (keys) => {
      const whole = typed(keys.join("")).map((word) => JSON.parse(word) as string);
      const single = typed(...keys.join("").split(/(?:)/)).map((word) => JSON.parse(word) as string);
      assert.equal(single.join(""), whole.join(""));
    }),
  );
});

const idle: ConsoleStatus = { connected: true, isWriter: true, watchers: [] };
const bob = { kind: "sol", user: "bob", from: "192.0.2.1" } as const;

test("what changes on a console is reported once", () => {
  assert.deepEqual(describeChange(undefined, idle, true), ["the VM's serial port is connected"]);
  assert.deepEqual(describeChange(idle, idle, true), []);
  const robbed: ConsoleStatus = { ...idle, isWriter: false, writer: bob };
  assert.deepEqual(describeChange(idle, robbed, true), [
    "bob (Serial over LAN, 192.0.2.1) types; you watch, ~t takes over",
  ]);
  assert.deepEqual(describeChange(idle, robbed, false), ["bob (Serial over LAN, 192.0.2.1) types; you watch"]);
  const back: ConsoleStatus = { ...idle, watchers: [{ ...bob, user: "\x1b[2Jbob" }] };
  assert.deepEqual(describeChange(robbed, back, true), [
    "you type now, not bob (Serial over LAN, 192.0.2.1)",
    "also watching:  [2Jbob (Serial over LAN, 192.0.2.1)",
  ]);
});
