/** Go programs of ours on Debian's govmomi library, built once and kept outside the tree. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { peer } from "./peer.js";
import { repository } from "./repository.js";

const root = repository;
const gopath = "/usr/share/gocode";
const library = `${gopath}/src/github.com/vmware/govmomi/simulator`;

export const govmomiPeer = peer(
  "golang-github-vmware-govmomi-dev",
  () => existsSync(library) && spawnSync("go", ["version"]).status === 0,
);

/** Builds `source`, a path from the root of the repository (about 20 s the first time), and gives the binary's path. */
export function buildWithGovmomi(source: string): string {
  const file = path.join(root, source);
  const toolchain = spawnSync("go", ["version"]).stdout.toString();
  const hash = createHash("sha256").update(toolchain).update(readFileSync(file)).digest("hex").slice(0, 16);
  const cache = path.join(tmpdir(), `vbmc-govmomi-${process.getuid?.() ?? 0}`);
  const binary = path.join(cache, hash);
  if (!existsSync(binary)) {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const unfinished = `${binary}.${process.pid}`;
    const build = spawnSync("go", ["build", "-o", unfinished, file], {
      env: { ...process.env, GO111MODULE: "off", GOPATH: gopath, GOCACHE: path.join(cache, "go-build") },
    });
    if (build.status !== 0) {
      throw new Error(`${source} does not build: ${build.stderr.toString()}`);
    }
    // Whole or not at all: two test files may build at the same time.
    renameSync(unfinished, binary);
  }
  return binary;
}
