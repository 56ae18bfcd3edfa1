/** Many BMCs and many clients at once (issue I9, I3). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { freeUdpPort } from "../support/ports.js";
import { type Outcome, run } from "../support/programs.js";
import { repository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const silence: Outcome = { code: 0, stdout: "", stderr: "" };
const bin = path.join(repository, "bin/vbmc.js");
/** So short that no machine starts as many BMCs in it. */
const responseTimeoutMs = 700;
const count = 24;
let daemon: Daemon;
let names: readonly string[];

before(async () => {
  daemon = await startDaemon(`server_response_timeout = ${responseTimeoutMs}\n`);
  const port = await freeUdpPort();
  const bmcs = Array.from({ length: count }, (_, index) => ({
    vm_name: `vm-${String(index).padStart(2, "0")}`,
    address: `127.0.2.${index + 1}`,
    port,
  }));
  names = bmcs.map(({ vm_name: name }) => name);
  const file = path.join(daemon.home, "bmcs.json");
  writeFileSync(file, JSON.stringify(bmcs));
  const imported = await daemon.vbmc("import", file);
  assert.equal(imported.code, 0, imported.stdout + imported.stderr);
});
after(() => daemon.close());

async function statuses(): Promise<string[]> {
  const { stdout } = await daemon.vbmc("list", "-f", "value", "-c", "Status");
  return [...new Set(stdout.trim().split("\n"))];
}

test("start of more names than start within the response time-out ends with 0 when all are up", async () => {
  assert.deepEqual(await daemon.vbmc("start", ...names), silence);
  assert.deepEqual(await statuses(), ["running"]);
});

test("so do stop and start --all", async () => {
  assert.deepEqual(await daemon.vbmc("stop", ...names), silence);
  assert.deepEqual(await statuses(), ["down"]);
  assert.deepEqual(await daemon.vbmc("start", "--all"), silence);
  assert.deepEqual(await statuses(), ["running"]);
});

test("a failure among many is reported alone, with exit code 1", async () => {
  await daemon.vbmc("stop", "--all");
  const [first = ""] = names;
  const file = path.join(daemon.home, ".vbmc", first, "config");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^address = .*$/m, "address = 192.0.2.77"));
  const { code, stderr } = await daemon.vbmc("start", ...names, "nope");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^\(1\): (No VM with matching name nope was found\n)?vm-00 does not listen on 192\.0\.2\.77 .*\n(No VM .*\n)?$/,
  );
  writeFileSync(file, readFileSync(file, "utf8").replace(/^address = .*$/m, "address = 127.0.2.1"));
  await daemon.vbmc("start", first);
});

test("on a terminal start shows how far it is, and takes that away; a pipe sees nothing", async () => {
  await daemon.vbmc("stop", "--all");
  const child = spawn("script", ["-qec", `${process.execPath} ${bin} start ${names.join(" ")}`, "/dev/null"], {
    env: daemon.env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  assert.deepEqual(await once(child, "close"), [0, null]);
  assert.match(output, new RegExp(`\\] 0/${count} started\\r`));
  assert.ok(output.endsWith(`] ${count}/${count} started\r\u001b[K`), output);
});

test("60 clients at once, each started for itself, are all answered, with nothing on stderr", async () => {
  // Of the default time-out: that of the other tests is for the daemon, on a machine that has a processor for its client.
  const file = path.join(daemon.home, "patient.conf");
  const text = readFileSync(path.join(daemon.home, "virtualbmc.conf"), "utf8");
  writeFileSync(file, text.replace(/^server_response_timeout = .*$/m, "server_response_timeout = 5000"));
  const env = { ...daemon.env, VIRTUALBMC_CONFIG: file };
  const clients = Array.from({ length: 60 }, () => run(process.execPath, [bin, "list", "-f", "value"], { env }));
  for (const { code, stderr } of await Promise.all(clients)) {
    assert.deepEqual([code, stderr], [0, ""]);
  }
});

test("changes of many BMCs at once, and of one while others start, are all made", async () => {
  const set = names.map((name) => daemon.vbmc("set", name, "--username", "operator"));
  for (const outcome of await Promise.all(set)) {
    assert.deepEqual(outcome, silence);
  }
  assert.deepEqual(await statuses(), ["running"]);
  const added = Array.from({ length: 12 }, (_, index) =>
    daemon.vbmc("add", `new-${index}`, "--address", `127.0.3.${index + 1}`, "--port", "6230"),
  );
  for (const outcome of await Promise.all(added)) {
    assert.deepEqual(outcome, silence);
  }
});

test("delete of many ends when all are gone", async () => {
  const { stdout } = await daemon.vbmc("list", "-f", "value", "-c", "VM name");
  assert.deepEqual(await daemon.vbmc("delete", ...stdout.trim().split("\n")), silence);
  assert.equal((await daemon.vbmc("list", "-f", "json")).stdout.trim(), "[]");
});
