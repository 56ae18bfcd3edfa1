/** The version of this software, as package.json states it, and what it was built from. */
import { readFileSync } from "node:fs";

/** Set by scripts/bundle.mjs; absent when the program runs from its sources. */
declare const bundledVersion: string | undefined;
/** Likewise; undefined too in a bundle that was not made in a git checkout. */
declare const bundledCommit: string | undefined;

/** `major.minor.patch` */
export function ownVersion(): string {
  return typeof bundledVersion === "string" ? bundledVersion : statedVersion();
}

/** The second line of `--version`, for bug reports: `commit 1a6abdcf9a5c, Node.js 20.20.2` */
export function buildLine(): string {
  const node = `Node.js ${process.versions.node}`;
  return typeof bundledCommit === "string" ? `commit ${bundledCommit}, ${node}` : node;
}

function statedVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
