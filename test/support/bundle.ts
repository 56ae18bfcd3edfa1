/** dist/bundle, which is what ships and what tests of whole programs run. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";

import { inRepository } from "./repository.js";

const modifiedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether a source file, a dependency or the way of bundling has changed since the bundle was made, or there is none. */
export function isBundleStale(): boolean {
  const madeAt = modifiedAt(inRepository("dist/bundle/package.json"));
  const sources = readdirSync(inRepository("src"), { recursive: true, encoding: "utf8" });
  const inputs = ["package-lock.json", "scripts/bundle.mjs", ...sources.map((file) => `src/${file}`)];
  return inputs.some((file) => modifiedAt(inRepository(file)) > madeAt);
}

/** Takes about a second. */
export function makeBundle(): void {
  execFileSync(process.execPath, [inRepository("scripts/bundle.mjs")], { stdio: "inherit" });
}
