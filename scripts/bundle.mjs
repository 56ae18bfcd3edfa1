/**
 * Makes what ships, dist/bundle: one file for each program, with the packages it uses, but for the native ones. Node needs
 * as long to find, read and link a hundred modules as to run such a program.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const root = path.resolve(import.meta.dirname, "..");
const sources = path.join(root, "src");
const target = path.join(root, "dist/bundle");

const programs = ["cli", "process/daemon", "process/child", "process/link", "process/web", "process/console"];
/** Modules that a program loads only when asked to, and that share nothing with it. */
const loadedLater = [
  "simulator/index",
  "io/metrics/server",
  "process/daemon/selfSigned",
  "process/child/redfish/front",
];

/** Their places relative to each other are the same as in src. */
const keepApart = {
  name: "keep apart",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir, importer }) => {
      const name = path.relative(sources, path.join(resolveDir, specifier)).replace(/\.js$/, "");
      if (kind === "dynamic-import" && loadedLater.includes(name))
        return { path: `${up(programOf(importer))}/${name}.js`, external: true };
      return undefined;
    });
  },
};

/**
 * cli-table3 measures each cell several times, and string-width looks for all emoji each time: printable ASCII is measured
 * by its length.
 */
const quickWidth = {
  name: "quick width",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/node_modules\/string-width\/index\.js$/ }, ({ path: file }) => {
      const slow = "string = stripAnsi(string);";
      const text = readFileSync(file, "utf8");
      if (!text.includes(slow)) throw new Error(`${file} is not as quickWidth expects it`);
      return { contents: text.replace(slow, `if (/^[ -~]*$/.test(string)) return string.length;\n${slow}`) };
    });
  },
};

/**
 * soap requires axios for requests that have no HTTP client of their own; the link always gives one. axios would load Node's
 * fetch and a table of all media types into each link.
 */
const withoutAxios = {
  name: "without axios",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^axios(-ntlm)?$/ }, ({ path: name }) => ({ path: name, namespace: "left-out" }));
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};" }));
  },
};

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
rmSync(target, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: Object.fromEntries([
    ...programs.map((name) => [`${name}/bundle`, path.join(sources, name, "main.ts")]),
    ...["launch/launch", ...loadedLater].map((name) => [name, path.join(sources, `${name}.ts`)]),
  ]),
  outdir: target,
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // CommonJS starts faster than ECMAScript modules, and takes less memory.
  format: "cjs",
  supported: { "dynamic-import": false },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  define: {
    "import.meta.url": "importMetaUrl",
    bundledVersion: JSON.stringify(version),
    bundledCommit: JSON.stringify(commit()) ?? "undefined",
  },
  external: ["zeromq"],
  plugins: [keepApart, quickWidth, withoutAxios],
  sourcemap: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
for (const name of programs) {
  const content = readFileSync(path.join(target, name, "bundle.js"));
  const id = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const bundle = `{ file: require.resolve("./bundle.js"), name: "${path.basename(name)}", id: "${id}" }`;
  writeFileSync(
    path.join(target, name, "main.js"),
    `module.exports = require("${up(name)}/launch/launch.js").launch(${bundle});\n`,
  );
}
// Beside each bundle that serves them.
for (const place of ["process/child/redfish", "process/web"])
  cpSync(path.join(sources, "process/common/registries"), path.join(target, place, "registries"), { recursive: true });
writeFileSync(path.join(target, "package.json"), '{ "type": "commonjs" }\n');
writeFileSync(path.join(target, "LICENSES.txt"), licences(Object.keys(metafile.inputs)));

/** Of this checkout, with `-dirty` when it has changes; where there is none, as in a container's build, VBMC_COMMIT tells. */
function commit() {
  if (process.env.VBMC_COMMIT) return process.env.VBMC_COMMIT;
  const described = spawnSync("git", ["describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], {
    cwd: root,
    encoding: "utf8",
  });
  return described.status === 0 ? described.stdout.trim() : undefined;
}

/** From a program's folder to the bundle's. */
function up(name) {
  return path.relative(name, ".");
}

/** The program to which a source file belongs. */
function programOf(file) {
  return programs.find((name) => file.startsWith(path.join(sources, name, path.sep)));
}
