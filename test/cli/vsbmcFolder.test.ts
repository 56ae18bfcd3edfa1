/** What `import --from-vsbmc` finds in a folder, whatever lies there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { readVsbmcFolder } from "../../src/cli/vsbmcFolder.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

test(
  "a pipe, a device, a folder, a huge file and a link in a circle are told, and the others are read",
  { timeout: 20_000 },
  () => {
    const folder = temporaryFolder();
    const fileOf = (name: string): string => {
      mkdirSync(path.join(folder, name));
      return path.join(folder, name, "config");
    };
    execFileSync("mkfifo", [fileOf("a-pipe")]);
    symlinkSync("/dev/zero", fileOf("device"));
    mkdirSync(fileOf("folder"));
    const huge = fileOf("huge");
    writeFileSync(huge, "");
    truncateSync(huge, 2 ** 30);
    symlinkSync("config", fileOf("loop"));
    writeFileSync(fileOf("ok"), "[VirtualBMC]\nusername = admin\npassword = x\nport = 6230\n");
    const { bmcs, faults } = readVsbmcFolder(folder, "/nowhere");
    assert.deepEqual(
      bmcs.map((bmc) => bmc.vm_name),
      ["ok"],
    );
    assert.deepEqual(
      faults.map((fault) => fault.replace(`${folder}/`, "")),
      [
        "a-pipe/config is not imported: it is a pipe, not a file",
        "device/config is not imported: it is a device, not a file",
        "folder/config is not imported: it is a folder, not a file",
        "huge/config is not imported: it is larger than 1024 KB",
        "loop/config is not imported: its symbolic links form a loop",
      ],
    );
  },
);

test("a flag that is neither true nor false is reported, and the BMC is imported", () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, "vm-01"));
  const file = path.join(folder, "vm-01", "config");
  writeFileSync(file, "[VirtualBMC]\nusername = admin\npassword = x\nport = 6230\nactive = on\n");
  const { bmcs, warnings } = readVsbmcFolder(folder, "/nowhere");
  assert.equal(bmcs.length, 1);
  assert.deepEqual(warnings, [`${file}: active = on counts as False: use True or False`]);
});
