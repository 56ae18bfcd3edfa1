import assert from "node:assert/strict";
import path from "node:path";
import { after, test } from "node:test";

import { shardOf } from "../../../src/process/supervisor/shard.js";
import { until } from "../../support/patience.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome } from "./daemonHome.js";

const root = temporaryFolder();

test("the shard of a name never changes", () => {
  // int.from_bytes(hashlib.sha256(name).digest()[:4], "big") % 3 in Python
  assert.deepEqual(
    ["vm1", "vm2", "名前"].map((name) => shardOf(name, 3)),
    [0, 1, 0],
  );
  assert.equal(shardOf("anything", 1), 0);
});

test("the names of a fleet fall to all shards in about equal parts", () => {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4000; index++) {
    const shard = shardOf(`lab-vesxi${index}`, 4);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) {
    assert.ok(count > 900 && count < 1100, String(counts));
  }
});

test("several daemons on one config_dir serve each BMC exactly once", async () => {
  const configDir = path.join(root, "shared");
  const homes = await Promise.all(
    [0, 1, 2].map((index) =>
      createDaemonHome(
        path.join(root, String(index)),
        `server_auth = none\nconfig_dir = ${configDir}\nshard = ${index}/3\n`,
      ),
    ),
  );
  after(() => Promise.all(homes.map((home) => home.end())));
  await Promise.all(homes.map((home) => home.start()));
  const names = Array.from({ length: 9 }, (_, index) => `vm${index}`);
  for (const name of names) {
    const owner = shardOf(name, 3);
    await homes[owner]?.add(name);
    assert.deepEqual(await homes[owner]?.command("start", name), { rc: 0, msg: [] });
    await assert.rejects(homes[(owner + 1) % 3]?.add(name) ?? Promise.resolve(), {
      message: `${name} belongs to the daemon with shard ${owner}/3; this one has ${(owner + 1) % 3}/3`,
    });
  }
  const lists = await Promise.all(homes.map((home) => home.list()));
  assert.deepEqual(lists.flatMap((list) => Object.keys(list)).sort(), names);
  await until("all run", async () => {
    const states = await Promise.all(homes.map((home) => home.list()));
    return states.flatMap((list) => Object.values(list)).every((status) => status === "running");
  });
});
