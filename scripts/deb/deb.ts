/**
 * `npm run deb`: builds the Debian package of this machine's architecture with dpkg-deb; the same sources give the same file.
 *
 *     npm run deb -- [--out FOLDER]      dist by default; the last line of the output names the file
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { reasonOf } from "../../src/base/errors.js";
import { inRepository } from "../../test/support/repository.js";
import { sourceTime } from "../sourceTime.js";
import { conffiles, writeContents } from "./contents.js";
import { describePackage, writeControl } from "./control.js";

try {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  process.stdout.write(`${makeDeb(path.resolve(values.out ?? inRepository("dist")))}\n`);
} catch (error) {
  process.stderr.write(`npm run deb: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}

/** @returns the file */
function makeDeb(out: string): string {
  if (spawnSync("dpkg-deb", ["--version"]).status !== 0) {
    throw new Error("there is no dpkg-deb: build the package on Debian or Ubuntu");
  }
  const of = describePackage();
  const file = path.join(out, `vbmc4vsphere_${of.version}_${of.architecture}.deb`);
  const root = mkdtempSync(path.join(tmpdir(), "vbmc4vsphere-deb-"));
  try {
    writeContents(root, of);
    writeControl(root, of, conffiles);
    setModes(root);
    mkdirSync(out, { recursive: true });
    // Debian's own compression: Ubuntu's default is another.
    const options = ["--build", "--root-owner-group", "-Zxz", root, file];
    // Times later than this are set back to it.
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(sourceTime().getTime() / 1_000) };
    execFileSync("dpkg-deb", options, { stdio: ["ignore", "ignore", "inherit"], env });
    return file;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Those that Debian Policy 10.9 wants, whatever the umask and the repository's own modes are. */
function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const each = path.join(folder, name);
    const stats = lstatSync(each);
    if (!stats.isSymbolicLink()) {
      chmodSync(each, stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644);
    }
  }
}
