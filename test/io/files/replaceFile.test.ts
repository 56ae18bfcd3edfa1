import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { replaceFile } from "../../../src/io/files/atomicWrite.js";
import { finishRewrites } from "../../../src/io/files/inPlace.js";
import { asOtherUser, mount, needsRoot, otherUser } from "../../support/asRoot.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
chmodSync(root, 0o755);
let count = 0;

function newFolder(mode = 0o755): string {
  const folder = path.join(root, String(count++));
  mkdirSync(folder);
  chmodSync(folder, mode);
  return folder;
}

function write(file: string, text = "old text, longer than the new one"): string {
  writeFileSync(file, text);
  return file;
}

const read = (file: string) => readFileSync(file, "utf8");

describe("a link", () => {
  test("to a file stays, and the file has the new text", async () => {
    const repository = newFolder();
    const folder = newFolder();
    write(path.join(repository, "vm1.conf"));
    const link = path.join(folder, "config");
    symlinkSync(path.join("..", path.basename(repository), "vm1.conf"), link);
    await replaceFile(link, "new");
    assert.equal(readlinkSync(link), path.join("..", path.basename(repository), "vm1.conf"));
    assert.equal(read(path.join(repository, "vm1.conf")), "new");
    assert.deepEqual(readdirSync(folder), ["config"]);
    assert.deepEqual(readdirSync(repository), ["vm1.conf"]);
  });

  test("over links to folders, as Kubernetes presents a Secret, stays", async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, "..2026"));
    write(path.join(folder, "..2026", "config"));
    symlinkSync("..2026", path.join(folder, "..data"));
    symlinkSync("..data/config", path.join(folder, "config"));
    await replaceFile(path.join(folder, "config"), "new");
    assert.equal(readlinkSync(path.join(folder, "config")), "..data/config");
    assert.equal(read(path.join(folder, "..2026", "config")), "new");
  });

  test("that dangles leads to a new file", async () => {
    const folder = newFolder();
    symlinkSync("later", path.join(folder, "config"));
    await replaceFile(path.join(folder, "config"), "new");
    assert.equal(read(path.join(folder, "later")), "new");
    assert.ok(lstatSync(path.join(folder, "config")).isSymbolicLink());
  });

  test("in a circle is refused and stays", async () => {
    const folder = newFolder();
    symlinkSync("config", path.join(folder, "config"));
    await assert.rejects(replaceFile(path.join(folder, "config"), "new"), { code: "ELOOP" });
    assert.deepEqual(readdirSync(folder), ["config"]);
  });

  test("to a device is refused: root must not replace /dev/null by a file", async () => {
    const folder = newFolder();
    symlinkSync("/dev/null", path.join(folder, "config"));
    await assert.rejects(replaceFile(path.join(folder, "config"), "new"), { message: "it is a device, not a file" });
    assert.ok(statSync("/dev/null").isCharacterDevice());
  });
});

test("a file with another name (a hard link) has the new text under both", async () => {
  const folder = newFolder();
  const file = write(path.join(folder, "config"));
  linkSync(file, path.join(folder, "other"));
  await replaceFile(file, "new");
  assert.equal(read(path.join(folder, "other")), "new");
  assert.deepEqual(readdirSync(folder).sort(), ["config", "other"]);
});

describe("what needs root to be set up", { skip: needsRoot }, () => {
  test("a file that is mounted by itself is written in place, and no copy is left", async (context) => {
    const source = write(path.join(newFolder(), "vm1.conf"));
    const folder = newFolder();
    const file = write(path.join(folder, "config"), "");
    if (!mount("--bind", source, file)) {
      context.skip("this machine does not allow mounts");
      return;
    }
    await replaceFile(file, "new");
    assert.equal(read(source), "new");
    assert.deepEqual(readdirSync(folder), ["config"]);
    execFileSync("mount", ["-o", "remount,bind,ro", file]);
    await assert.rejects(replaceFile(file, "newer"), { code: "EROFS" });
    assert.deepEqual([read(source), readdirSync(folder)], ["new", ["config"]]);
  });

  test("on a full disk the old text stays, also of a file that is written in place", async (context) => {
    const disk = newFolder();
    if (!mount("-t", "tmpfs", "-o", "size=64k,nr_inodes=20", "tmpfs", disk)) {
      context.skip("this machine does not allow mounts");
      return;
    }
    const file = write(path.join(disk, "config"), "old");
    linkSync(file, path.join(disk, "other"));
    try {
      writeFileSync(path.join(disk, "filler"), Buffer.alloc(256 * 1024));
    } catch (error) {
      assert.match(String(error), /ENOSPC/);
    }
    await assert.rejects(replaceFile(file, "x".repeat(8_000)), { code: "ENOSPC" });
    assert.equal(read(file), "old");
    assert.deepEqual(readdirSync(disk).sort(), ["config", "filler", "other"]);
  });

  test("a file that root replaces still belongs to its owner", async () => {
    const file = write(path.join(newFolder(), "config"));
    chownSync(file, otherUser, otherUser);
    await replaceFile(file, "new");
    const { uid, gid, mode } = statSync(file);
    assert.deepEqual([uid, gid, mode & 0o777], [otherUser, otherUser, 0o600]);
  });

  test("a file of someone else that we may write keeps its owner; one that we may not becomes ours", async () => {
    const folder = newFolder(0o777);
    const open = write(path.join(folder, "open"));
    const closed = write(path.join(folder, "closed"));
    chmodSync(open, 0o666);
    chmodSync(closed, 0o600);
    await asOtherUser(async () => {
      await replaceFile(open, "new");
      await replaceFile(closed, "new");
    });
    assert.deepEqual([read(open), statSync(open).uid], ["new", 0]);
    assert.deepEqual([read(closed), statSync(closed).uid], ["new", otherUser]);
    assert.deepEqual(readdirSync(folder).sort(), ["closed", "open"]);
  });

  test("a link into a folder that we may not write is written through, with the safe copy beside the link", async () => {
    const foreign = newFolder(0o755);
    const target = write(path.join(foreign, "vm1.conf"));
    chmodSync(target, 0o666);
    const folder = newFolder(0o777);
    symlinkSync(target, path.join(folder, "config"));
    await asOtherUser(() => replaceFile(path.join(folder, "config"), "new"));
    assert.equal(read(target), "new");
    assert.deepEqual(readdirSync(folder), ["config"]);
  });
});

test("what a power failure interrupted is finished from the safe copy, through the link", () => {
  const target = write(path.join(newFolder(), "vm1.conf"), "half of the ne");
  const folder = newFolder();
  symlinkSync(target, path.join(folder, "config"));
  write(path.join(folder, ".rewrite-config"), "the new text");
  finishRewrites(folder);
  assert.equal(read(target), "the new text");
  assert.deepEqual(readdirSync(folder), ["config"]);
});
