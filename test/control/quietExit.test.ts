import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const control = new URL("../../src/control/quietExit.ts", import.meta.url).href;
/** A message that is not received keeps ZeroMQ for a second, as threads that get no processor do. */
const busyExit = `
  import { Dealer } from "zeromq";
  const socket = new Dealer({ linger: 1000 });
  socket.connect("tcp://127.0.0.1:1");
  await socket.send("x");
  socket.close();`;

function stderrOf(script: string): string {
  const { stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: import.meta.dirname,
  });
  return stderr;
}

test("ZeroMQ's warning at the end of a process does not reach stderr", () => {
  assert.match(stderrOf(busyExit), /WARNING: Waiting for queued ZeroMQ messages/, "the case is one");
  const quiet = `import { quietenExit } from "${control}"; quietenExit(); console.error("ours"); ${busyExit}`;
  assert.equal(stderrOf(quiet), "ours\n");
});

test("the trace of an error that ends the process does", () => {
  const script = `import { quietenExit } from "${control}"; quietenExit(); throw new Error("unforeseen");`;
  assert.match(stderrOf(script), /Error: unforeseen/);
});
