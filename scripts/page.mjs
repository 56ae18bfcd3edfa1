/**
 * Makes the page that ships, dist/page: index.html, its script and style, and chunks that are loaded when they are needed
 * (charts, terminal). Each has its hash in its name and a compressed copy beside it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const root = path.resolve(import.meta.dirname, "..");
const target = path.join(root, "dist/page");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const { metafile, outputFiles } = await build({
  entryPoints: [path.join(root, "page/src/main.tsx")],
  absWorkingDir: root,
  outdir: path.join(target, "assets"),
  bundle: true,
  format: "esm",
  splitting: true,
  minify: true,
  target: ["chrome109", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
});
for (const { path: file, contents } of outputFiles) {
  write(file, Buffer.from(contents));
}
const [script, { cssBundle }] = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
  entryPoint?.endsWith("main.tsx"),
);
const url = (file) => `/${path.relative("dist/page", file)}`;
const html = readFileSync(path.join(root, "page/index.html"), "utf8");
write(
  path.join(target, "index.html"),
  Buffer.from(html.replace("{{script}}", url(script)).replace("{{style}}", url(cssBundle))),
);
write(path.join(target, "icon.svg"), readFileSync(path.join(root, "page/icon.svg")));
// Not served: the server knows no type for it.
writeFileSync(path.join(target, "LICENSES.txt"), licences(Object.keys(metafile.inputs)));

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  if (!file.endsWith("index.html")) writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
