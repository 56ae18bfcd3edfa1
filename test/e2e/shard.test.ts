/** Two daemons on one config_dir, each serving its shard, asked over IPMI. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";

import { shardOf } from "../../src/process/supervisor/shard.js";
import { openClientSession } from "../../src/protocol/client/clientSession.js";
import { freeUdpPort } from "../support/ports.js";
import { startDaemon } from "../support/stack.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const configDir = temporaryFolder();

/** Resolves when the BMC lets its user in; rejects when no one answers. */
async function logIn(port: number, password: string, tries = 30): Promise<void> {
  const session = await openClientSession({ host: "127.0.0.1", port, username: "admin", password, tries });
  await session.close();
}

test("two daemons on one config_dir serve each BMC once; one that ends takes along its own BMCs alone", async () => {
  const names = ["vm1", "vm2", "vm3", "vm4"];
  const ports = new Map<string, number>();
  for (const name of names) {
    const port = await freeUdpPort();
    ports.set(name, port);
    mkdirSync(path.join(configDir, name), { mode: 0o700 });
    // By hand, as Ansible would: each daemon finds its own.
    const values = `username = admin\npassword = pw-${name}\naddress = 127.0.0.1\nport = ${port}\nactive = True\n`;
    writeFileSync(path.join(configDir, name, "config"), `[VirtualBMC]\n${values}`, { mode: 0o600 });
  }
  const daemons = await Promise.all(
    [0, 1].map((index) => startDaemon(`config_dir = ${configDir}\nshard = ${index}/2\n`)),
  );
  after(() => Promise.all(daemons.map((daemon) => daemon.close())));
  const owned = (index: number) => names.filter((name) => shardOf(name, 2) === index);
  assert.ok(owned(0).length > 0 && owned(1).length > 0, "both have something to serve");

  for (const [name, port] of ports) {
    await logIn(port, `pw-${name}`);
  }
  for (const [index, daemon] of daemons.entries()) {
    const { stdout } = await daemon.vbmc("list", "-f", "value", "-c", "VM name", "-c", "Status");
    assert.deepEqual(
      stdout.trim().split("\n"),
      owned(index).map((name) => `${name} running`),
    );
  }
  const foreign = await daemons[0]!.vbmc("stop", owned(1)[0]!);
  assert.deepEqual(
    [foreign.code, foreign.stderr],
    [1, `(1): ${owned(1)[0]} belongs to the daemon with shard 1/2; this one has 0/2\n`],
  );

  await daemons[1]!.close();
  for (const name of owned(0)) {
    await logIn(ports.get(name)!, `pw-${name}`);
  }
  for (const name of owned(1)) {
    await assert.rejects(logIn(ports.get(name)!, `pw-${name}`, 1));
  }
});
