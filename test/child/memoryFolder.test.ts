import assert from "node:assert/strict";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { openMemoryFolder } from "../../src/child/memoryFolder.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const noDamage = (file: string): never => assert.fail(`${file} is damaged`);

test("what was written is read after a restart, and only its owner can read it", async () => {
  const folder = temporaryFolder();
  const memory = openMemoryFolder(folder, noDamage);
  assert.equal(memory.read("users"), undefined);
  await memory.write("users", [{ id: 3, name: "ops" }]);
  assert.deepEqual(memory.read("users"), [{ id: 3, name: "ops" }]);
  assert.deepEqual(openMemoryFolder(folder, noDamage).read("users"), [{ id: 3, name: "ops" }]);
  assert.equal((await stat(path.join(folder, "users.json"))).mode & 0o777, 0o600);
});

test("of many writes at once the last one asked for stays", async () => {
  const folder = temporaryFolder();
  const memory = openMemoryFolder(folder, noDamage);
  await Promise.all(Array.from({ length: 20 }, (_, count) => memory.write("counter", { count })));
  assert.deepEqual(openMemoryFolder(folder, noDamage).read("counter"), { count: 19 });
  assert.deepEqual(await readdir(folder), ["counter.json"]);
});

test("a damaged document is moved aside, and the others are there", async () => {
  const folder = temporaryFolder();
  await writeFile(path.join(folder, "users.json"), '[{"id": 3');
  await writeFile(path.join(folder, "chassis.json"), '{"restorePolicy":1}');
  const damaged: string[] = [];
  const memory = openMemoryFolder(folder, (file) => damaged.push(path.basename(file)));
  assert.deepEqual(damaged, ["users.json"]);
  assert.equal(memory.read("users"), undefined);
  assert.deepEqual(memory.read("chassis"), { restorePolicy: 1 });
  assert.equal(await readFile(path.join(folder, "users.json.damaged"), "utf8"), '[{"id": 3');
});

test("a write that the disk does not take is told, and the former document stays", async () => {
  const folder = temporaryFolder();
  const memory = openMemoryFolder(folder, noDamage);
  await memory.write("users", "first");
  // A folder where the file belongs cannot be replaced by it, not even by root.
  const blocked = openMemoryFolder(path.join(folder, "users.json"), noDamage);
  await assert.rejects(blocked.write("users", "second"), { name: "MemoryError", kind: "refused" });
  assert.equal(blocked.read("users"), undefined);
  assert.deepEqual(openMemoryFolder(folder, noDamage).read("users"), "first");
});
