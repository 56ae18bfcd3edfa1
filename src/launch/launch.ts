/**
 * Runs a bundle with V8's compiled code of an earlier run, since compiling takes most of the start-up time beyond
 * Node's own. This is only an optimisation, so every failure is ignored. It goes when Node 20 is no longer supported:
 * `module.enableCompileCache` of Node 22.1 does the same.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Script } from "node:vm";

import { codeFile, readCode, writeCode } from "./codeFile.js";

/** When a long-running program has compiled what its start needs, ms. */
const settledAfterMs = 2_000;

export interface Bundle {
  /** A CommonJS file, ASCII. */
  readonly file: string;
  /** The program's name. */
  readonly name: string;
  /** Distinguishes versions of the file: V8 compares only its length. */
  readonly id: string;
}

/** @returns the exports of the bundle */
export function launch({ file, name, id }: Bundle): unknown {
  const require = createRequire(file);
  // Only Node's own loader reads source maps.
  if (process.execArgv.includes("--enable-source-maps")) {
    return require(file);
  }
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "latin1")}\n})`;
  const kept = codeFile(name, id);
  const cachedData = kept === undefined ? undefined : readCode(kept);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  if (kept !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    keepOnceSettled(script, kept);
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  run.call(module.exports, module.exports, require, module, file, path.dirname(file));
  return module.exports;
}

function keepOnceSettled(script: Script, file: string): void {
  const timer = setTimeout(keep, settledAfterMs).unref();
  process.once("exit", keep);

  function keep(): void {
    clearTimeout(timer);
    process.off("exit", keep);
    // A failed run compiles different functions.
    if ((process.exitCode ?? 0) === 0) {
      writeCode(file, () => script.createCachedData());
    }
  }
}
