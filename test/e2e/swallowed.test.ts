/** `vbmc` where the network swallows what it sends: each command ends after server_response_timeout. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { needsRoot } from "../support/asRoot.js";
import { repository } from "../support/repository.js";
import { swallowingNetwork } from "../support/swallowingNetwork.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const timeoutMs = 500;
/** A connection that gets no answer is given up by the kernel after 127 s; this leaves time for a busy machine. */
const testTimeoutMs = 30_000;

test("every command ends once server_response_timeout is over", { skip: needsRoot }, async (context) => {
  const network = swallowingNetwork();
  if (!network) {
    context.skip("this machine does not allow network namespaces");
    return;
  }
  const home = temporaryFolder();
  mkdirSync(path.join(home, ".vbmc"));
  writeFileSync(
    path.join(home, ".vbmc/virtualbmc.conf"),
    `[default]\nserver_response_timeout = ${timeoutMs}\nserver_auth = none\n`,
  );
  const list = path.join(home, "list.json");
  writeFileSync(
    list,
    JSON.stringify(Array.from({ length: 200 }, (_, port) => ({ vm_name: `vm-${port}`, port: port + 1 }))),
  );
  const commands = [
    "list",
    "show vm",
    "start a b c",
    "start --all",
    "stop vm",
    "check",
    "events --follow",
    `import ${list}`,
  ];
  const [program = "", ...args] = network;
  for (const command of commands) {
    const client = spawn(
      program,
      [...args, process.execPath, path.join(repository, "bin/vbmc.js"), ...command.split(" ")],
      {
        env: { PATH: process.env["PATH"], HOME: home },
        stdio: ["ignore", "ignore", "pipe"],
        timeout: testTimeoutMs,
      },
    );
    let stderr = "";
    client.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    assert.deepEqual(await once(client, "close"), [1, null], `${command}: ${stderr}`);
    assert.match(
      stderr,
      /^Failed to connect to the vbmcd server on port \d+, error: Server response timed out\n$/,
      command,
    );
  }
});
