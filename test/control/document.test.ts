/** docs/control-protocol.md says what is so. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { type ControlRequest, parseRequest, parseResponse } from "../../src/control/messages.js";
import { inRepository } from "../support/repository.js";

const text = readFileSync(inRepository("docs/control-protocol.md"), "utf8");
const lines = text.split("\n");

/** All that there are. */
const commands: Readonly<Record<ControlRequest["command"], true>> = {
  account: true,
  add: true,
  answer: true,
  busy: true,
  check: true,
  console: true,
  delete: true,
  discover: true,
  events: true,
  export: true,
  import: true,
  list: true,
  media: true,
  set: true,
  show: true,
  start: true,
  stop: true,
  trust: true,
  wait: true,
};

test("each request of the document is one", () => {
  const requests = lines.filter((line) => line.startsWith('{"command"'));
  for (const request of requests) {
    assert.ok(parseRequest(Buffer.from(request)).ok, request);
  }
  for (const command of Object.keys(commands)) {
    assert.ok(
      requests.some((request) => request.includes(`"command": "${command}"`)),
      command,
    );
  }
});

test("each reply of the document is one", () => {
  const replies = lines.filter((line) => line.startsWith('{"rc"'));
  assert.ok(replies.length >= 3);
  for (const reply of replies) {
    assert.ok([0, 1].includes(parseResponse(Buffer.from(reply)).rc));
  }
});

test("what the document says of bad requests is what is answered", () => {
  const bad: readonly (readonly [string, string])[] = [
    ["{}", "Unknown command"],
    ["", "The request is not JSON in UTF-8"],
    ['"\xff', "The request is not JSON in UTF-8"],
    ['{"command": "start"}', "Invalid start request: vm_names is missing"],
  ];
  for (const [request, expected] of bad) {
    assert.ok(text.includes(`\`${expected}\``), expected);
    const parsed = parseRequest(Buffer.from(request));
    assert.ok(!parsed.ok);
    assert.deepEqual(parsed.response, { rc: 1, msg: [expected] });
  }
});
