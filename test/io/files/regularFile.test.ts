import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { readRegularFile } from "../../../src/io/files/regularFile.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
const at = (name: string) => path.join(root, name);

test("a file is read, over links as well", () => {
  writeFileSync(at("file"), "text");
  symlinkSync("file", at("link"));
  assert.equal(readRegularFile(at("link"), 4).toString(), "text");
});

test("what is not a file is refused at once, by its kind", () => {
  execFileSync("mkfifo", [at("pipe")]);
  mkdirSync(at("folder"));
  const kinds = { [at("pipe")]: "a pipe", [at("folder")]: "a folder", "/dev/zero": "a device" };
  for (const [file, kind] of Object.entries(kinds)) {
    assert.throws(() => readRegularFile(file, 100), { message: `it is ${kind}, not a file` });
  }
});

test("a file beyond the bound is not read", () => {
  writeFileSync(at("huge"), "");
  truncateSync(at("huge"), 1024 ** 4);
  assert.throws(() => readRegularFile(at("huge"), 4096), { message: "it is larger than 4 KB" });
});
