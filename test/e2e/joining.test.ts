/** BMCs that are added one by one to a running daemon: each knows its VM's state at once, and what happens to it later. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../support/patience.js";
import { freeUdpPort } from "../support/ports.js";
import { run } from "../support/programs.js";
import { startDaemon } from "../support/stack.js";
import { vcenters } from "../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../support/witness.js";

for (const { name, skip, start } of vcenters) {
  const missing = skip === false && !hasPyvmomi() ? "needs python3-pyvmomi" : skip;
  test(`add BMCs one by one to a running daemon at ${name}`, { skip: missing }, async () => {
    const vcenter = await start(3);
    const witness = await openWitness(vcenter.url, vcenter.username, vcenter.password);
    const daemon = await startDaemon();
    const viserver = ["--viserver", new URL(vcenter.url).host, "--viserver-username", vcenter.username];
    const account = [...viserver, "--viserver-password", vcenter.password];
    const power = async (vmName: string): Promise<unknown> => {
      const { stdout } = await daemon.vbmc("list", "--long", "-f", "json");
      const rows = JSON.parse(stdout) as readonly Record<string, unknown>[];
      return rows.find((row) => row["VM name"] === vmName)?.["Power"];
    };
    try {
      const vmNames = (await witness.names()).slice(0, 3);
      const ports = new Map<string, number>();
      for (const vmName of vmNames) {
        const port = await freeUdpPort();
        ports.set(vmName, port);
        assert.equal((await daemon.vbmc("add", vmName, "--port", String(port), ...account)).code, 0);
        assert.deepEqual(await daemon.vbmc("start", vmName), { code: 0, stdout: "", stderr: "" });
        assert.equal(await power(vmName), (await witness.look(vmName)).powerState, vmName);
      }
      for (const vmName of vmNames) {
        const session = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(ports.get(vmName)), "-U", "admin"];
        const records = async (): Promise<number> =>
          (await run("ipmitool", [...session, "-P", "password", "sel", "list"])).stdout.split("\n").length;
        const before = await records();
        const { powerState } = await witness.look(vmName);
        await witness.change(vmName, powerState === "poweredOn" ? "PowerOff" : "PowerOn");
        // The push from vCenter has no other event that a client could see.
        await until("a record of it", async () => (await records()) !== before);
      }
    } finally {
      await daemon.close();
      await witness.close();
      await vcenter.close();
    }
  });
}
