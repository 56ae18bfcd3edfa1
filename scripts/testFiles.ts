/** Which test files there are, and what each of them needs: seen from what it imports, at any depth. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

import { inRepository } from "../test/support/repository.js";

/** Modules that start programs or a vCenter simulator. */
const programs = ["stack", "peer", "programs", "vcsim", "govmomi", "witness", "originalClient", "servedLink"].map(
  supportFile,
);
/** Modules that run what `npm run build` makes. */
const ours = [supportFile("stack"), inRepository("test/process/daemon/daemonHome.ts")];

function supportFile(name: string): string {
  return inRepository("test/support", `${name}.ts`);
}

/** Absolute paths, sorted. */
export function testFiles(): readonly string[] {
  const files = readdirSync(inRepository("test"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => inRepository("test", file))
    .sort();
}

/** Whether the file runs programs, so that it is not a unit test. */
export function needsPrograms(file: string): boolean {
  return reaches(file, (module) => programs.includes(module) || startsProcesses(module)) || needsBundle(file);
}

function startsProcesses(module: string): boolean {
  return /"node:child_process"|\/fakes\//.test(readFileSync(module, "utf8"));
}

/** Whether the file runs `vbmc` or `vbmcd` from dist/bundle. */
export function needsBundle(file: string): boolean {
  return reaches(file, (module) => ours.includes(module) || /"bin\/|dist\/bundle/.test(readFileSync(module, "utf8")));
}

function reaches(file: string, isWanted: (module: string) => boolean, seen = new Set<string>()): boolean {
  if (seen.has(file)) {
    return false;
  }
  seen.add(file);
  return isWanted(file) || testImports(file).some((module) => reaches(module, isWanted, seen));
}

/** Modules below test/ that the file imports itself. */
function testImports(file: string): readonly string[] {
  return ts
    .preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.resolve(path.dirname(file), fileName).replace(/\.js$/, ".ts"))
    .filter((module) => module.startsWith(inRepository("test")));
}
