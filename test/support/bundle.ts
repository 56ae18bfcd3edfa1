/** dist/bundle and dist/page, which is what ships and what tests of whole programs run. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";

import { inRepository } from "./repository.js";

const modifiedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether a source file, a dependency or the way of bundling has changed since the bundle was made, or there is none. */
export function isBundleStale(): boolean {
  return (
    isOlder("dist/bundle/package.json", ["scripts/bundle.mjs", "scripts/licences.mjs", ...filesIn("src")]) ||
    isOlder("dist/page/index.html", ["scripts/page.mjs", "scripts/licences.mjs", ...filesIn("page")])
  );
}

function isOlder(made: string, sources: readonly string[]): boolean {
  const madeAt = modifiedAt(inRepository(made));
  return ["package-lock.json", ...sources].some((file) => modifiedAt(inRepository(file)) > madeAt);
}

function filesIn(folder: string): string[] {
  return readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`);
}

/** Takes about a second. */
export function makeBundle(): void {
  for (const script of ["bundle", "page"]) {
    execFileSync(process.execPath, [inRepository(`scripts/${script}.mjs`)], { stdio: "inherit" });
  }
}
