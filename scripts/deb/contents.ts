/** What the .deb holds, but for its control files. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { inRepository } from "../../test/support/repository.js";
import { writeRuntimeTree } from "../runtimeTree.js";
import { debianChangelog, type DebianPackage } from "./control.js";

const programs = ["vbmc", "vbmcd", "vsbmc", "vsbmcd"];
const library = "usr/lib/vbmc4vsphere";
const documentation = "usr/share/doc/vbmc4vsphere";

/** Files that an upgrade leaves as the administrator made them. */
export const conffiles = ["etc/virtualbmc/virtualbmc.conf", "etc/logrotate.d/vbmcd"];

/** Where each shell looks for completions by itself. */
const completionFiles = {
  bash: (program: string) => `usr/share/bash-completion/completions/${program}`,
  zsh: (program: string) => `usr/share/zsh/vendor-completions/_${program}`,
  fish: (program: string) => `usr/share/fish/vendor_completions.d/${program}.fish`,
};

/** @param root an empty folder, which becomes the root of the package's files */
export function writeContents(root: string, of: DebianPackage): void {
  writeRuntimeTree(path.join(root, library), process.arch);
  for (const program of programs) {
    link(root, `usr/bin/${program}`, `../lib/vbmc4vsphere/bin/${program}.js`);
  }
  copy("deploy/systemd/vbmcd.service", root, "usr/lib/systemd/system/vbmcd.service");
  copy("deploy/debian/virtualbmc.conf", root, "etc/virtualbmc/virtualbmc.conf");
  copy("deploy/logrotate/vbmcd", root, "etc/logrotate.d/vbmcd");
  for (const page of readdirSync(inRepository("man"))) {
    const section = page.slice(-1);
    writeCompressed(root, `usr/share/man/man${section}/${page}`, readFileSync(inRepository("man", page)));
  }
  for (const program of programs.filter((name) => !name.endsWith("d"))) {
    for (const [shell, fileOf] of Object.entries(completionFiles)) {
      write(root, fileOf(program), completionOf(path.join(root, library), program, shell));
    }
  }
  writeDocumentation(root, of);
}

function writeDocumentation(root: string, of: DebianPackage): void {
  for (const name of ["README.md", "SECURITY.md", "docs"]) {
    copy(name, root, path.join(documentation, name));
  }
  // The pages name them by this path.
  copy("deploy/grafana", root, path.join(documentation, "deploy/grafana"));
  write(root, path.join(documentation, "copyright"), copyright());
  writeCompressed(root, path.join(documentation, "changelog"), readFileSync(inRepository("CHANGELOG.md")));
  writeCompressed(root, path.join(documentation, "changelog.Debian"), debianChangelog(of));
}

function copyright(): string {
  const [, text = ""] =
    /^(Permission [^]*)/m.exec(readFileSync(inRepository("node_modules/zeromq/LICENSE.txt"), "utf8")) ?? [];
  const expat = text
    .trim()
    .split("\n")
    .map((line) => ` ${line.trim() || "."}`);
  return readFileSync(inRepository("deploy/debian/copyright"), "utf8").replaceAll("@expat@", expat.join("\n"));
}

function completionOf(tree: string, program: string, shell: string): string {
  return execFileSync(process.execPath, [path.join(tree, "bin", `${program}.js`), "complete", shell], {
    encoding: "utf8",
    // Nothing is kept outside the package.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
  });
}

function copy(source: string, root: string, target: string): void {
  cpSync(inRepository(source), path.join(root, target), { recursive: true });
}

function link(root: string, name: string, target: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  symlinkSync(target, path.join(root, name));
}

function write(root: string, name: string, content: string | Buffer): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), content);
}

/** As `gzip -9n` does it: without a time. */
function writeCompressed(root: string, name: string, content: string | Buffer): void {
  write(root, `${name}.gz`, gzipSync(content, { level: 9 }));
}
