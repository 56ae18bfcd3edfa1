/** `vbmc media --wait` on a terminal, and what becomes of the daemon's answers. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type CliContext, CliError } from "../../src/cli/context.js";
import { askForMedia } from "../../src/cli/mediaRequests.js";
import type { Cell, ControlResponse } from "../../src/control/messages.js";

const header = ["Drive", "State", "Image", "Progress", "Reason"];
const url = "http://images.example.com/debian.iso";

/** The daemon answers with these rows, one after the other. */
function contextOf(...rows: (readonly Cell[])[]): { context: CliContext; shown: string[]; asked: unknown[] } {
  const shown: string[] = [];
  const asked: unknown[] = [];
  const context: Partial<CliContext> = {
    progress: (text) => void shown.push(text),
    request: (request) => {
      asked.push(request);
      const row = rows[Math.min(asked.length, rows.length) - 1] ?? [];
      const response: ControlResponse = {
        rc: 0,
        header,
        rows: [["floppy drive", "empty", null, null, null], [...row]],
      };
      return Promise.resolve(response);
    },
  };
  return { context: context as CliContext, shown, asked };
}

const insert = { command: "media", action: "insert", vm_name: "vm1", slot: "cd", image: url };
const wish = { action: "insert", drive: "CD drive", waits: true };

test("who waits sees how far it is, and gets the drive as it is then", async () => {
  const { context, shown, asked } = contextOf(
    ["CD drive", "checking", url, null, null],
    ["CD drive", "uploading", url, 45, null],
    ["CD drive", "inserted", url, null, null],
  );
  const { state, image } = await askForMedia(insert, wish, context);
  assert.deepEqual([state, image], ["inserted", url]);
  assert.match(shown.join(""), /\[#{14} +\] 45\/100 % of http:\/\/images.example.com\/debian.iso/);
  assert.equal(shown.at(-1), "\r\u001b[K", "the line is taken away");
  assert.deepEqual(asked.slice(1), Array(2).fill({ command: "media", action: "list", vm_name: "vm1" }));
  assert.equal(process.listenerCount("SIGINT"), 0);
});

test("without --wait the first answer is the answer", async () => {
  const { context, asked } = contextOf(["CD drive", "queued", url, null, null]);
  assert.equal((await askForMedia(insert, { ...wish, waits: false }, context)).state, "queued");
  assert.equal(asked.length, 1);
});

test("a failure is reported with its reason, and so is an ejection by others", async () => {
  for (const [row, message] of [
    [
      ["CD drive", "failed", null, null, "images.example.com answers HTTP 404"],
      /^images.example.com answers HTTP 404$/,
    ],
    [["CD drive", "empty", null, null, null], /ejected meanwhile/],
  ] as const) {
    const { context } = contextOf(["CD drive", "uploading", url, 1, null], row);
    await assert.rejects(askForMedia(insert, wish, context), (error) => {
      assert.ok(error instanceof CliError);
      assert.deepEqual([error.code, message.test(error.message)], [1, true], error.message);
      return true;
    });
  }
});
