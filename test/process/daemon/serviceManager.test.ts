import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { notifyReady } from "../../../src/process/daemon/serviceManager.js";
import { peer } from "../../support/peer.js";
import { run } from "../../support/programs.js";
import { repository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome, vbmcdScript } from "./daemonHome.js";

const systemd = peer("systemd", () => spawnSync("systemd-notify", ["--version"]).status === 0);

/** The service manager's end: prints each message; the descriptor that systemd-notify waits for is let go. */
const listener = `
import os, socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print("bound", flush=True)
while True:
    text, files, *_ = socket.recv_fds(manager, 4096, 8)
    for file in files: os.close(file)
    print(text.decode().replace("\\n", " "), flush=True)
`;

test("a service manager is notified once commands are answered", { skip: systemd.skip }, async () => {
  const home = await createDaemonHome(temporaryFolder());
  const socket = path.join(home.home, "notify");
  const manager = spawn("python3", ["-c", listener, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const messages = createInterface({ input: manager.stdout })[Symbol.asyncIterator]();
  assert.equal((await messages.next()).value, "bound");
  const env = { ...home.env, NOTIFY_SOCKET: socket };
  const daemon = spawn(process.execPath, [vbmcdScript, "--foreground"], { env, stdio: "ignore" });
  let ready = "";
  while (!ready.includes("READY=1")) {
    ready = String((await messages.next()).value);
  }
  assert.match(ready, new RegExp(`MAINPID=${daemon.pid}\\b`));
  assert.equal((await home.request({ command: "list" })).rc, 0);
  daemon.kill("SIGTERM");
  assert.deepEqual(await once(daemon, "exit"), [0, null]);
  manager.kill();
  await once(manager, "exit");
});

test("where no service manager asks, nothing is run; where systemd-notify is missing, that is said", async () => {
  assert.equal(await notifyReady({ PATH: "/nowhere" }), undefined);
  assert.match(
    (await notifyReady({ PATH: "/nowhere", NOTIFY_SOCKET: "/nowhere/notify" })) ?? "",
    /^systemd expects a notification that vbmcd is ready, but systemd-notify cannot be run: /,
  );
});

test("vbmc beside a daemon that starts waits for it, and says nothing of it", async () => {
  const home = await createDaemonHome(temporaryFolder(), "server_response_timeout = 30000\n");
  const bin = path.join(repository, "bin/vbmc.js");
  // As a script does: the daemon, held up for three seconds as by a slow disk, and at once the first command.
  const late = "setTimeout(() => require(process.argv[1]), 3_000)";
  const daemon = spawn(process.execPath, ["-e", late, vbmcdScript, "--foreground"], {
    env: home.env,
    stdio: "ignore",
    argv0: "vbmcd",
  });
  const first = await run(process.execPath, [bin, "list", "-f", "json"], { env: home.env });
  assert.deepEqual([first.code, first.stdout.trim(), first.stderr], [0, "[]", ""]);
  daemon.kill("SIGTERM");
  await once(daemon, "exit");
});
