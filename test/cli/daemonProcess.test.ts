/** A daemon that starts is seen by its process, whatever environment it has. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { findDaemon } from "../../src/cli/daemonProcess.js";
import { loadConfig } from "../../src/settings/config/loadConfig.js";
import { freeTcpPort } from "../support/ports.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const folder = temporaryFolder();
const skip = process.platform === "linux" ? false : "only Linux has /proc";

/** [what the daemon's environment holds of HOME, in words] */
const homes: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{ HOME: folder }, "with a home"],
  [{}, "without HOME, as systemd and cron may start it"],
  [{ HOME: "" }, "with an empty HOME"],
];

for (const [environment, words] of homes) {
  test(`a process of vbmcd ${words} is the daemon of the port that its configuration names`, { skip }, async () => {
    const [port, otherPort] = [await freeTcpPort(), await freeTcpPort()];
    const file = path.join(folder, "virtualbmc.conf");
    writeFileSync(file, `[default]\nserver_port = ${port}\n`);
    const script = path.join(folder, "vbmcd.js");
    writeFileSync(script, "console.log('up'); setInterval(() => undefined, 1000);");
    const env = { ...environment, VIRTUALBMC_CONFIG: file };
    const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    try {
      const config = loadConfig({ VIRTUALBMC_CONFIG: file }, folder);
      assert.equal(findDaemon(config), child.pid);
      assert.equal(findDaemon({ ...config, serverPort: otherPort }), undefined);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
}
