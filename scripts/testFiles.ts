/** Which test files there are, and what each of them needs: seen from what it imports, at any depth. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

import { inRepository } from "../test/support/repository.js";

/** Modules that start programs or a vCenter simulator. */
const programs = [
  "stack",
  "peer",
  "programs",
  "vcsim",
  "govmomi",
  "witness",
  "originalClient",
  "servedLink",
  "compiled",
].map(supportFile);
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

/** What `read` gives, which is asked once for each module: most are reached from many test files. */
function kept<T>(read: (module: string) => T): (module: string) => T {
  const known = new Map<string, T>();
  return (module) => {
    const value = known.get(module) ?? read(module);
    known.set(module, value);
    return value;
  };
}

const textOf = kept((module) => readFileSync(module, "utf8"));

/** Modules below test/ that the file imports itself. */
const testImports = kept((file) =>
  ts
    .preProcessFile(textOf(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.resolve(path.dirname(file), fileName).replace(/\.js$/, ".ts"))
    .filter((module) => module.startsWith(inRepository("test"))),
);

/** Whether the file runs programs, so that it is not a unit test. */
export function needsPrograms(file: string): boolean {
  return reaches(file, (module) => programs.includes(module) || startsProcesses(module)) || needsBundle(file);
}

function startsProcesses(module: string): boolean {
  return /"node:child_process"|\/fakes\//.test(textOf(module));
}

/** Whether the file runs `vbmc` or `vbmcd` from dist/bundle. */
export function needsBundle(file: string): boolean {
  return reaches(file, (module) => ours.includes(module) || /"bin\/|dist\/bundle/.test(textOf(module)));
}

function reaches(file: string, isWanted: (module: string) => boolean, seen = new Set<string>()): boolean {
  if (seen.has(file)) {
    return false;
  }
  seen.add(file);
  return isWanted(file) || testImports(file).some((module) => reaches(module, isWanted, seen));
}
