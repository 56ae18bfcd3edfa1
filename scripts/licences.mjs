/** The licences of bundled packages, which ask for their text to go wherever the code goes. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

/** @param inputs the files that esbuild read, from the root of the repository */
export function licences(inputs) {
  const folders = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]));
  folders.delete(undefined);
  return [...folders].sort().map(licenceOf).join("\n");
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));
  const files = readdirSync(path.join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(path.join(root, folder, file), "utf8").trim());
  return [`${"-".repeat(80)}\n${name} ${version} (${license})\n`, ...texts].join("\n") + "\n";
}
