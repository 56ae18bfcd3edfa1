import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, afterEach, describe, test } from "node:test";

import { parseIni } from "../../../src/settings/ini/iniFile.js";
import { toStoredBmc } from "../../../src/settings/store/storedBmc.js";
import { until } from "../../support/patience.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { createDaemonHome, type DaemonHome, isAlive } from "./daemonHome.js";

const root = temporaryFolder();
const homes: DaemonHome[] = [];
let count = 0;

async function startDaemon(settings?: string): Promise<DaemonHome> {
  const home = await createDaemonHome(path.join(root, String(count++)), settings);
  homes.push(home);
  await home.start();
  return home;
}

afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.end()));
});

/** The config files in a folder, each parsed; fails on one that is not complete. */
function readAll(configDir: string): string[] {
  const names = readdirSync(configDir).filter((name) => existsSync(path.join(configDir, name, "config")));
  return names
    .filter((name) => !name.startsWith("."))
    .map((name) => {
      const values = parseIni(readFileSync(path.join(configDir, name, "config"))).get("VirtualBMC");
      assert.ok(values, name);
      assert.deepEqual([...values.keys()], ["vm_name", "username", "password", "port", "address", "fakemac", "active"]);
      assert.equal(toStoredBmc(name, values).vmName, name);
      return name;
    });
}

describe("kill -9 in the middle of 200 rapid changes", () => {
  for (const changesBefore of [20, 90, 170]) {
    test(`after ${changesBefore} of them every config is whole, and the next daemon goes on`, async () => {
      // One process for all BMCs: this is about files, and forty processes more would only take their time.
      const home = await startDaemon("server_auth = none\nserver_response_timeout = 20000\nbmcs_per_process = 100\n");
      const { pid } = home;
      const names = Array.from({ length: 40 }, (_, index) => `vm${index}`);
      await Promise.all(names.slice(0, 20).map((name) => home.add(name)));
      let done = 0;
      const change = async (request: Readonly<Record<string, unknown>>) => {
        await home.request(request);
        if (++done === changesBefore) {
          process.kill(pid, "SIGKILL");
        }
      };
      const changes = Array.from({ length: 200 }, (_, index): Record<string, unknown> => {
        const vm_names = [names[index % names.length] ?? ""];
        const kind = Math.floor(index / 20) % 5;
        if (kind === 1) {
          const bmc = { username: "admin", password: "pa55word", address: "127.0.0.1" };
          return { command: "add", vm_name: vm_names[0], port: 20_000 + index, ...bmc };
        }
        return kind === 4 ? { command: "delete", vm_names } : { command: kind % 2 === 0 ? "start" : "stop", vm_names };
      });
      const all = Promise.allSettled(changes.map(change));
      await until("the daemon is dead", () => !isAlive(pid));
      // A client that asks after the kill gets no answer.
      home.hangUp();
      await all;
      const left = readAll(home.configDir);
      await home.start();
      assert.deepEqual(Object.keys(await home.list()).sort(), left.sort());
    });
  }
});

/** A file system of 128 KB, or why there is none. */
function mountSmall(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) {
    return "needs root, to mount a small tmpfs";
  }
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", folder], {
    encoding: "utf8",
  });
  return status === 0 ? undefined : `needs a small tmpfs: ${stderr.trim()}`;
}

describe("a disk that takes nothing", () => {
  const disk = path.join(root, "disk");
  const reason = mountSmall(disk);
  const skip = reason ?? false;
  after(() => reason === undefined && execFileSync("umount", ["-l", disk]));

  const settings = `server_auth = none\nconfig_dir = ${disk}\n`;
  const config = () => readFileSync(path.join(disk, "vm1", "config"), "utf8");

  test("full: each command says why, no file is lost, and all goes on when there is room", { skip }, async () => {
    const home = await startDaemon(settings);
    await home.add("vm1");
    const before = config();
    const filler = path.join(disk, "filler");
    try {
      writeFileSync(filler, Buffer.alloc(1024 * 1024));
    } catch (error) {
      assert.match(String(error), /ENOSPC/);
    }
    assert.deepEqual(await home.command("start", "vm1"), {
      rc: 1,
      msg: [`${disk}/vm1/config: no space left on device`],
    });
    await assert.rejects(home.add("vm2"), { message: `${disk}/vm2/config: no space left on device` });
    assert.equal(config(), before);
    assert.deepEqual(readdirSync(disk).sort(), ["filler", "vm1"]);
    assert.deepEqual(readdirSync(path.join(disk, "vm1")), ["config"]);
    rmSync(filler);
    assert.deepEqual(await home.command("start", "vm1"), { rc: 0, msg: [] });
    assert.equal(config(), before.replace("active = False", "active = True"));
  });

  test("read-only: each command says why, nothing is lost, and what runs goes on", { skip }, async () => {
    const home = await startDaemon(settings);
    await until("vm1 runs", async () => (await home.list())["vm1"] === "running");
    const before = config();
    execFileSync("mount", ["-o", "remount,ro", disk]);
    try {
      const text = `${disk}/vm1/config: read-only file system`;
      assert.deepEqual(await home.command("stop", "vm1"), { rc: 1, msg: [text] });
      assert.deepEqual(await home.command("delete", "vm1"), { rc: 1, msg: [`${disk}/vm1: read-only file system`] });
      await assert.rejects(home.add("vm2"), { message: `${disk}/vm2/config: read-only file system` });
      assert.equal(config(), before);
      await until("vm1 runs", async () => (await home.list())["vm1"] === "running");
    } finally {
      execFileSync("mount", ["-o", "remount,rw", disk]);
    }
  });
});
