/**
 *     node --import tsx scripts/runtimeTree.ts FOLDER [--arch amd64|arm64]
 *
 * Writes what runs, and no more, into a new folder: the programs, their bundles, the page, the bill of materials, and of
 * zeromq, which is native, its JavaScript and the binary for one architecture. The .deb and the container image hold it.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import * as v from "valibot";

import { inRepository } from "../test/support/repository.js";
import { billOfMaterials } from "./sbom.js";
import { sourceTime } from "./sourceTime.js";

/** File of a build of zeromq, by the JSON text of what it was built for. */
const buildsSchema = v.record(v.string(), v.string());
const buildSchema = v.object({ os: v.string(), arch: v.string(), libc: v.string(), abi: v.number() });

/**
 * @param folder is created
 * @param arch as Node names it, such as x64
 * @throws Error if there is no bundle, or no build of zeromq for the architecture
 */
export function writeRuntimeTree(folder: string, arch: string): void {
  for (const made of ["dist/bundle/LICENSES.txt", "dist/page/index.html"]) {
    if (!existsSync(inRepository(made))) {
      throw new Error(`there is no ${made}: run npm run build`);
    }
  }
  mkdirSync(folder, { recursive: true });
  for (const name of ["bin", "dist/bundle", "dist/page", "package.json", "LICENSE"]) {
    copy(name, folder, (file) => !file.endsWith(".map"));
  }
  writeFileSync(path.join(folder, "sbom.cdx.json"), `${JSON.stringify(billOfMaterials(sourceTime().toISOString()))}\n`);
  copyZeromq(folder, arch);
}

/** With the loader that it takes from cmake-ts, which prefers the newest build; they fit all versions of Node (Node-API). */
function copyZeromq(folder: string, arch: string): void {
  const zeromq = "node_modules/zeromq";
  const manifest = path.join(zeromq, "build/manifest.json");
  const builds = Object.entries(v.parse(buildsSchema, JSON.parse(readFileSync(inRepository(manifest), "utf8"))));
  const [newest] = builds
    .map(([key, file]) => ({ key, file, build: v.parse(buildSchema, JSON.parse(key)) }))
    .filter(({ build: { os, libc, arch: of } }) => os === "linux" && libc === "glibc" && of === arch)
    .sort((one, other) => other.build.abi - one.build.abi);
  if (newest === undefined) {
    throw new Error(`zeromq has no build for linux ${arch}`);
  }
  for (const name of ["package.json", "LICENSE.txt", "LICENSE_MPL-2.0.txt", `build/${newest.file}`]) {
    copy(path.join(zeromq, name), folder);
  }
  copy(path.join(zeromq, "lib"), folder, (file) => path.extname(file) === "" || file.endsWith(".js"));
  writeFileSync(path.join(folder, manifest), JSON.stringify({ [newest.key]: newest.file }));
  for (const name of ["package.json", "build/loader.js"]) {
    copy(path.join("node_modules/cmake-ts", name), folder);
  }
}

function copy(name: string, folder: string, filter: (file: string) => boolean = () => true): void {
  cpSync(inRepository(name), path.join(folder, name), { recursive: true, filter });
}

if (process.argv[1] === import.meta.filename) {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { arch: { type: "string" } } });
  const [folder] = positionals;
  if (folder === undefined) {
    process.stderr.write("usage: node --import tsx scripts/runtimeTree.ts FOLDER [--arch amd64|arm64]\n");
    process.exit(2);
  }
  const { arch = process.arch } = values;
  writeRuntimeTree(folder, arch === "amd64" ? "x64" : arch);
}
