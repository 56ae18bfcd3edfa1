/**
 * Bundles of test files, which start in a tenth of the time that their sources need: those are some hundred modules, each of
 * which Node looks for, reads and links, and tsx transforms.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { build, type Plugin } from "esbuild";

import { repository } from "../test/support/repository.js";

/** Where a source file is, as it says itself; the bundle is elsewhere. */
const placeOf = { url: "sourceUrl", dirname: "sourceFolder", filename: "sourceFile" };

const keepPlaces: Plugin = {
  name: "keep places",
  setup(plugin) {
    plugin.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const text = readFileSync(file, "utf8");
      if (!text.includes("import.meta.")) {
        return undefined;
      }
      const places = { url: pathToFileURL(file).href, dirname: path.dirname(file), filename: file };
      const constants = Object.entries(places).map(
        ([key, place]) => `const ${placeOf[key as keyof typeof placeOf]} = ${JSON.stringify(place)};`,
      );
      // On the first line, so that those below keep their numbers.
      return { contents: `${constants.join(" ")} ${text}`, loader: "ts" };
    });
  },
};

/** One module that has each of the group's files as a suite: its hooks are the suite's, and its failures carry its name. */
function suites(groups: readonly (readonly string[])[]): Plugin {
  return {
    name: "suites",
    setup(plugin) {
      plugin.onResolve({ filter: /^group:\d+$/ }, ({ path: name }) => ({ path: name, namespace: "group" }));
      plugin.onLoad({ filter: /.*/, namespace: "group" }, ({ path: name }) => {
        const files = groups[Number(name.replace("group:", ""))] ?? [];
        const lines = files.map((file) => {
          const title = JSON.stringify(path.relative(repository, file));
          return `describe(${title}, () => void require(${JSON.stringify(file)}));`;
        });
        return { contents: `const { describe } = require("node:test");\n${lines.join("\n")}`, resolveDir: repository };
      });
    },
  };
}

/**
 * @param groups test files that share a process; the packages that they use are left where they are
 * @param outdir below the repository, for the packages to be found
 * @returns a file for each group, in the groups' order, also when sorted by name
 */
export async function bundleTests(groups: readonly (readonly string[])[], outdir: string): Promise<readonly string[]> {
  const names = groups.map((files, at) => {
    const name = files.length === 1 ? path.basename(files[0] ?? "", ".test.ts") : "unit";
    return `${String(at).padStart(3, "0")}-${name}.test`;
  });
  await build({
    entryPoints: names.map((out, at) => ({ in: `group:${at}`, out })),
    outdir,
    outExtension: { ".js": ".cjs" },
    absWorkingDir: repository,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    packages: "external",
    sourcemap: true,
    define: Object.fromEntries(Object.entries(placeOf).map(([key, name]) => [`import.meta.${key}`, name])),
    plugins: [keepPlaces, suites(groups)],
    logLevel: "warning",
  });
  return names.map((name) => path.join(outdir, `${name}.cjs`));
}
