/** The version of this software, as package.json states it. */
import { readFileSync } from "node:fs";

/** Set by scripts/bundle.mjs; absent when the program runs from its sources. */
declare const bundledVersion: string | undefined;

/** `major.minor.patch` */
export function ownVersion(): string {
  return typeof bundledVersion === "string" ? bundledVersion : statedVersion();
}

function statedVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
