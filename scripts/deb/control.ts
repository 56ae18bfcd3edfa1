/** The control files of the .deb, from deploy/debian and package.json. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, type Stats, writeFileSync } from "node:fs";
import path from "node:path";

import * as v from "valibot";

import { inRepository } from "../../test/support/repository.js";
import { sourceTime } from "../sourceTime.js";

export interface DebianPackage {
  /** With Debian's revision: `0.1.0-1`. */
  readonly version: string;
  /** As dpkg names it: `amd64`. */
  readonly architecture: string;
  /** Oldest version of Node. */
  readonly node: string;
  readonly maintainer: string;
}

const manifest = v.object({ version: v.string(), engines: v.object({ node: v.string() }) });

/** @throws Error if this is no Debian machine */
export function describePackage(): DebianPackage {
  const { version, engines } = v.parse(manifest, JSON.parse(readFileSync(inRepository("package.json"), "utf8")));
  // The variables of Debian's devscripts.
  const { DEBFULLNAME = "vbmc4vsphere maintainers", DEBEMAIL = "maintainers@vbmc4vsphere.invalid" } = process.env;
  return {
    // To dpkg 1.0~rc.1 is older than 1.0.
    version: `${version.replace("-", "~")}-1`,
    architecture: execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim(),
    node: engines.node.replace(">=", ""),
    maintainer: `${DEBFULLNAME} <${DEBEMAIL}>`,
  };
}

/** @param root has the package's files already */
export function writeControl(root: string, of: DebianPackage, conffiles: readonly string[]): void {
  const folder = path.join(root, "DEBIAN");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => lstat(root, name).isFile());
  const values = {
    ...of,
    size: String(Math.ceil(files.reduce((sum, name) => sum + lstat(root, name).size, 0) / 1024)),
  };
  mkdirSync(folder);
  const control = readFileSync(inRepository("deploy/debian/control"), "utf8");
  writeFileSync(path.join(folder, "control"), filled(control, values));
  writeFileSync(path.join(folder, "conffiles"), conffiles.map((name) => `/${name}\n`).join(""));
  const sums = files.filter((name) => !conffiles.includes(name)).sort();
  writeFileSync(path.join(folder, "md5sums"), sums.map((name) => `${md5(path.join(root, name))}  ${name}\n`).join(""));
  for (const script of ["postinst", "prerm", "postrm"]) {
    writeFileSync(path.join(folder, script), readFileSync(inRepository("deploy/debian", script)), { mode: 0o755 });
  }
}

export function debianChangelog({ version, maintainer }: DebianPackage): string {
  const date = sourceTime().toUTCString().replace("GMT", "+0000");
  return `vbmc4vsphere (${version}) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- ${maintainer}  ${date}\n`;
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/@(\w+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new Error(`deploy/debian/control: @${name}@ is unknown`);
    }
    return value;
  });
}

function lstat(root: string, name: string): Stats {
  return lstatSync(path.join(root, name));
}

function md5(file: string): string {
  return createHash("md5").update(readFileSync(file)).digest("hex");
}
