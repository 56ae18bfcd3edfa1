/** Strange things in config_dir: each is its own trouble, at the start and while the daemon runs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { createBmcStore } from "../../../src/settings/store/bmcStore.js";
import { asOtherUser, mount, needsRoot, otherUser } from "../../support/asRoot.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
chmodSync(root, 0o755);
let count = 0;

const text = (port: number) => `[VirtualBMC]\nusername = admin\npassword = pw\nport = ${port}\n`;

/** A config_dir with one good BMC, `vm1`. */
function newConfigDir(): string {
  const configDir = path.join(root, String(count++));
  plant(configDir, "vm1", text(6230));
  return configDir;
}

function plant(configDir: string, name: string, config: string): string {
  mkdirSync(path.join(configDir, name), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(configDir, name, "config"), config, { mode: 0o600 });
  return path.join(configDir, name);
}

function open(configDir: string) {
  const warnings: string[] = [];
  const store = createBmcStore(configDir, (warning) => warnings.push(warning));
  store.prepare();
  const faults = (): Record<string, string | undefined> =>
    Object.fromEntries([...store.list()].map(([name, entry]) => [name, "fault" in entry ? entry.fault : undefined]));
  return { store, warnings, faults };
}

test("links in a circle keep no BMC from being served", () => {
  const configDir = newConfigDir();
  symlinkSync("loop", path.join(configDir, "loop"));
  mkdirSync(path.join(configDir, "vm2"));
  symlinkSync("config", path.join(configDir, "vm2", "config"));
  const { faults } = open(configDir);
  const circle = (name: string) => `${configDir}/${name}/config: its symbolic links form a loop`;
  assert.deepEqual(faults(), { vm1: undefined, loop: circle("loop"), vm2: circle("vm2") });
});

test("a link whose target is gone is that BMC's fault, told once, until the target is back or the BMC is deleted", async () => {
  const configDir = newConfigDir();
  const elsewhere = newConfigDir();
  const target = plant(elsewhere, "vm2", text(6231));
  symlinkSync(target, path.join(configDir, "folder"));
  mkdirSync(path.join(configDir, "file"), { mode: 0o700 });
  symlinkSync(path.join(target, "config"), path.join(configDir, "file", "config"));
  const { store, faults, warnings } = open(configDir);
  assert.deepEqual(faults(), { vm1: undefined, folder: undefined, file: undefined });

  renameSync(target, `${target}.away`);
  const broken = {
    folder: `${configDir}/folder: the symbolic link leads to ${target}, which does not exist`,
    file: `${configDir}/file/config: the symbolic link leads to ${target}/config, which does not exist`,
  };
  assert.deepEqual(faults(), { vm1: undefined, ...broken });
  faults();
  assert.deepEqual(warnings.sort(), Object.values(broken).sort());

  renameSync(`${target}.away`, target);
  assert.deepEqual(faults(), { vm1: undefined, folder: undefined, file: undefined });
  renameSync(target, `${target}.away`);
  await store.delete("folder");
  await store.delete("file");
  assert.deepEqual(readdirSync(configDir), ["vm1"]);
});

test("a config that is a pipe, a device, a folder or huge is that BMC's fault, and nothing waits for it", () => {
  const configDir = newConfigDir();
  for (const name of ["pipe", "device", "folder", "huge"]) {
    mkdirSync(path.join(configDir, name), { mode: 0o700 });
  }
  execFileSync("mkfifo", [path.join(configDir, "pipe", "config")]);
  symlinkSync("/dev/zero", path.join(configDir, "device", "config"));
  mkdirSync(path.join(configDir, "folder", "config"), { mode: 0o700 });
  writeFileSync(path.join(configDir, "huge", "config"), "");
  truncateSync(path.join(configDir, "huge", "config"), 1024 ** 3);
  const before = statSync("/dev/zero").mode;
  const { faults } = open(configDir);
  assert.deepEqual(faults(), {
    vm1: undefined,
    pipe: `${configDir}/pipe/config: it is a pipe, not a file`,
    device: `${configDir}/device/config: it is a device, not a file`,
    folder: `${configDir}/folder/config: it is a folder, not a file`,
    huge: `${configDir}/huge/config: it is larger than 1024 KB`,
  });
  assert.equal(statSync("/dev/zero").mode, before, "the permissions of a device are not ours");
});

test("a link to a file of someone else leaves its permissions alone", () => {
  const configDir = newConfigDir();
  const foreign = path.join(newConfigDir(), "hosts");
  writeFileSync(foreign, "127.0.0.1 localhost\n", { mode: 0o644 });
  mkdirSync(path.join(configDir, "vm2"), { mode: 0o700 });
  symlinkSync(foreign, path.join(configDir, "vm2", "config"));
  assert.match(open(configDir).faults()["vm2"] ?? "", /vm2\/config: line 1/);
  assert.equal(statSync(foreign).mode & 0o777, 0o644);
});

test("names that no BMC can have are passed over, and told once", () => {
  const configDir = newConfigDir();
  const long = "x".repeat(81);
  plant(configDir, long, text(6231));
  mkdirSync(path.join(configDir, "y".repeat(81)));
  mkdirSync(Buffer.concat([Buffer.from(`${configDir}/vm`), Buffer.from([0xff])]));
  const { faults, warnings } = open(configDir);
  assert.deepEqual(faults(), { vm1: undefined });
  faults();
  assert.deepEqual(warnings.sort(), [
    `${configDir}/vm\ufffd is skipped: its name is not UTF-8`,
    `${configDir}/${long} is skipped: a VM name must not be longer than 80 characters`,
  ]);
});

test("a config whose link is swapped is read again, though both targets look alike", () => {
  const configDir = newConfigDir();
  const folder = path.join(configDir, "vm2");
  for (const [version, port] of Object.entries({ "..1": 6240, "..2": 6250 })) {
    mkdirSync(path.join(folder, version), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(folder, version, "config"), text(port), { mode: 0o600 });
    utimesSync(path.join(folder, version, "config"), 1_000, 1_000);
  }
  symlinkSync("..1", path.join(folder, "..data"));
  symlinkSync("..data/config", path.join(folder, "config"));
  const { store } = open(configDir);
  const port = () => {
    const entry = store.read("vm2");
    return entry !== undefined && "bmc" in entry ? entry.bmc.port : undefined;
  };
  assert.equal(port(), 6240);
  symlinkSync("..2", path.join(folder, "..new"));
  renameSync(path.join(folder, "..new"), path.join(folder, "..data"));
  assert.equal(port(), 6250);
});

test("a change of a linked config is written through the link", async () => {
  const configDir = newConfigDir();
  const repository = path.join(root, "repository.conf");
  writeFileSync(repository, text(6260), { mode: 0o600 });
  mkdirSync(path.join(configDir, "vm2"), { mode: 0o700 });
  symlinkSync(repository, path.join(configDir, "vm2", "config"));
  const { store } = open(configDir);
  await store.update("vm2", { active: "True" });
  assert.match(readFileSync(repository, "utf8"), /port = 6260\nactive = True/);
  assert.deepEqual(readdirSync(path.join(configDir, "vm2")), ["config"]);
});

describe("what belongs to another user", { skip: needsRoot }, () => {
  test("is its own trouble, at the start as later; lost+found is no BMC", async () => {
    const configDir = newConfigDir();
    const foreign = plant(configDir, "foreign", text(6231));
    const leftover = path.join(configDir, ".unfinished-1-0");
    for (const folder of ["lost+found", ".unfinished-1-0/config"]) {
      mkdirSync(path.join(configDir, folder), { recursive: true, mode: 0o700 });
    }
    utimesSync(leftover, 1_000, 1_000);
    for (const file of ["", "vm1", "vm1/config"]) {
      chownSync(path.join(configDir, file), otherUser, otherUser);
    }
    const { faults, warnings } = await asOtherUser(() => {
      const opened = open(configDir);
      return { ...opened, faults: opened.faults() };
    });
    const fault = `${foreign}/config: permission denied; the folder belongs to user 0: change its owner to ${otherUser}, the user that vbmcd runs as`;
    assert.deepEqual(faults, { vm1: undefined, foreign: fault });
    assert.deepEqual(warnings, [
      `${configDir}: cannot remove what an earlier vbmcd left behind: permission denied`,
      fault,
    ]);
  });

  test("config_dir itself must be readable", async () => {
    const configDir = newConfigDir();
    chmodSync(configDir, 0o700);
    await asOtherUser(() => {
      assert.throws(() => open(configDir), { message: `${configDir}: permission denied` });
    });
  });
});

test("a read-only or full folder is named as what it is", { skip: needsRoot }, (context) => {
  const configDir = newConfigDir();
  const { store } = open(configDir);
  assert.equal(store.keepingFault("vm1"), undefined);
  const folder = path.join(configDir, "vm1");
  if (!mount("-t", "tmpfs", "-o", "size=4k", "tmpfs", folder)) {
    context.skip("this machine does not allow mounts");
    return;
  }
  writeFileSync(path.join(folder, "filler"), Buffer.alloc(4096));
  assert.equal(store.keepingFault("vm1"), `${folder}: no space left on device`);
  execFileSync("mount", ["-o", "remount,ro", folder]);
  assert.equal(store.keepingFault("vm1"), `${folder}: read-only file system`);
});
