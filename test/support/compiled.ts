/** Programs of tests, compiled: plain JavaScript starts in a tenth of the time that the loader for TypeScript needs. */
import path from "node:path";

import { buildSync } from "esbuild";

import { inRepository } from "./repository.js";
import { temporaryFolder } from "./temporaryFolder.js";

/**
 * @param folder of the programs, from the repository's root
 * @returns the file of a program, by its name
 */
export function compiled(folder: string, names: readonly string[]): (name: string) => string {
  const outdir = temporaryFolder();
  buildSync({
    entryPoints: names.map((name) => inRepository(folder, `${name}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["soap", "zeromq", "pino"],
  });
  return (name) => path.join(outdir, `${name}.mjs`);
}
