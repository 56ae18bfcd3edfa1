import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { openJournalFile } from "../../../src/process/child/journalFile.js";
import { openStorage } from "../../../src/process/child/storageFolder.js";
import { mount, needsRoot } from "../../support/asRoot.js";
import { quietKeeping, recordedKeeping } from "../../support/keeping.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

test("what was written is read after a restart, and only its owner can read it", async () => {
  const folder = temporaryFolder();
  const storage = openStorage(folder, quietKeeping);
  assert.equal(storage.read("users"), undefined);
  await storage.write("users", [{ id: 3, name: "ops" }]);
  assert.deepEqual(storage.read("users"), [{ id: 3, name: "ops" }]);
  assert.deepEqual(openStorage(folder, quietKeeping).read("users"), [{ id: 3, name: "ops" }]);
  assert.equal((await stat(path.join(folder, "users.json"))).mode & 0o777, 0o600);
});

test("of many writes at once the last one asked for stays", async () => {
  const folder = temporaryFolder();
  const storage = openStorage(folder, quietKeeping);
  await Promise.all(Array.from({ length: 20 }, (_, count) => storage.write("counter", { count })));
  assert.deepEqual(openStorage(folder, quietKeeping).read("counter"), { count: 19 });
  assert.deepEqual(await readdir(folder), ["counter.json"]);
});

test("a damaged document is renamed, and the others are there", async () => {
  const folder = temporaryFolder();
  await writeFile(path.join(folder, "users.json"), '[{"id": 3');
  await writeFile(path.join(folder, "chassis.json"), '{"restorePolicy":1}');
  const { storageLog, lines } = recordedKeeping(folder);
  const storage = openStorage(folder, storageLog);
  assert.match(lines.join(), /^the data of the BMC in users.json is lost: .*; the file was renamed$/);
  assert.equal(storage.read("users"), undefined);
  assert.deepEqual(storage.read("chassis"), { restorePolicy: 1 });
  assert.equal(await readFile(path.join(folder, "users.json.damaged"), "utf8"), '[{"id": 3');
});

test("a write that the disk does not take is reported, and the former document stays", async () => {
  const folder = temporaryFolder();
  const storage = openStorage(folder, quietKeeping);
  await storage.write("users", "first");
  // A folder where the file belongs cannot be replaced by it, not even by root.
  const blocked = openStorage(path.join(folder, "users.json"), recordedKeeping(folder).storageLog);
  await assert.rejects(blocked.write("users", "second"), { name: "StorageError", kind: "refused" });
  assert.equal(blocked.read("users"), undefined);
  assert.deepEqual(openStorage(folder, quietKeeping).read("users"), "first");
});

test("a document that is a pipe, a folder, a link in a circle, huge or someone else's is set aside", async () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  execFileSync("mkfifo", [at("users.json")]);
  mkdirSync(at("lan.json"));
  symlinkSync("sdr.json", at("sdr.json"));
  symlinkSync("nowhere", at("clock.json"));
  writeFileSync(at("asset.json"), "");
  truncateSync(at("asset.json"), 1024 ** 3);
  const { storageLog, lines } = recordedKeeping(folder);
  const storage = openStorage(folder, storageLog);
  assert.deepEqual([...lines].sort(), [
    "the data of the BMC in asset.json is lost: it is larger than 1024 KB; the file was renamed",
    "the data of the BMC in lan.json is lost: it is a folder, not a file; the file was renamed",
    "the data of the BMC in sdr.json is lost: its symbolic links form a loop; the file was renamed",
    "the data of the BMC in users.json is lost: it is a pipe, not a file; the file was renamed",
  ]);
  await storage.write("users", "new");
  assert.equal(openStorage(folder, quietKeeping).read("users"), "new");
});

const disk = temporaryFolder();

test("that nothing can be kept is reported once, and once that it can again", { skip: needsRoot }, async (context) => {
  const folder = path.join(disk, "vm1");
  mkdirSync(folder);
  if (!mount("-t", "tmpfs", "-o", "ro", "tmpfs", folder)) {
    context.skip("this machine does not allow mounts");
    return;
  }
  const { storageLog, lines } = recordedKeeping(folder);
  const storage = openStorage(folder, storageLog);
  const journal = openJournalFile(path.join(folder, "sel.journal"), storageLog, () =>
    assert.fail("nothing is damaged"),
  );
  for (let count = 0; count < 3; count++) {
    await assert.rejects(storage.write("users", "new"), { kind: "refused", message: /read-only file system/ });
    await assert.rejects(journal.append("line"), { name: "StorageError" });
  }
  execFileSync("mount", ["-o", "remount,rw", folder]);
  await storage.write("users", "new");
  await journal.replace(["line"]);
  assert.deepEqual(lines, [
    `${folder}: read-only file system: changes to the BMC's data (users, SEL …) will be lost when its process ends`,
    "changes to the BMC's data are stored again",
  ]);
});
