/** Every name that docs/architecture.md mentions exists. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { inRepository } from "../support/repository.js";

const page = readFileSync(inRepository("docs/architecture.md"), "utf8");

/** What makes dist/, which a fresh clone does not have. */
const builders = ["bundle", "page"].map((name) => readFileSync(inRepository(`scripts/${name}.mjs`), "utf8")).join("");

/** Names of programs, packages and settings that are not ours. */
const foreign = new Set([
  "soap",
  "zeromq",
  "pino",
  "tsc",
  "tsx",
  "vbmc",
  "vbmcd",
  "NODE_DISABLE_COMPILE_CACHE=1",
  "main.js",
  "module.enableCompileCache",
]);

interface Sources {
  /** Paths below src without the suffix, and their folders. */
  readonly paths: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

function readSources(): Sources {
  const root = inRepository("src");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const words = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => readFileSync(path.join(root, file), "utf8").match(/[A-Za-z_]\w*/g) ?? []);
  return { paths: new Set(files.map((file) => file.replace(/\.ts$/, ""))), words: new Set(words) };
}

/** The code spans that name something of ours: paths and identifiers, not commands or values. */
function namesIn(text: string): string[] {
  const spans = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return spans.filter((span) => /^[\w.-]+(\/[\w.-]*)*$/.test(span) && !foreign.has(span));
}

function isThere(name: string, { paths, words }: Sources): boolean {
  const trimmed = name.replace(/\/$/, "");
  if (trimmed.startsWith("dist/")) {
    return builders.includes(path.basename(trimmed));
  }
  return (
    existsSync(inRepository(trimmed)) ||
    paths.has(trimmed) ||
    (/^[A-Za-z_]\w*$/.test(name) && words.has(name)) ||
    [...paths].some((each) => each.endsWith(`/${trimmed.replace(/\.ts$/, "")}`))
  );
}

test("every path and identifier of docs/architecture.md is in the repository", () => {
  const sources = readSources();
  const names = namesIn(page);
  assert.ok(names.length > 80, "the page's names are found");
  assert.deepEqual(
    names.filter((name) => !isThere(name, sources)),
    [],
  );
});

test("every wing of src stands in the page's table", () => {
  const rooms = readdirSync(inRepository("src")).filter((wing) => !wing.includes("."));
  const table = /\| room [\s\S]*?\n\n/.exec(page)?.[0] ?? "";
  assert.deepEqual(
    rooms.filter((room) => !new RegExp(`\`${room}[\`/]`).test(table)),
    [],
  );
});

test("a name that is gone is found", () => {
  assert.deepEqual(
    namesIn("`decodeTheImpossible` and `process/nowhere`").filter((name) => !isThere(name, readSources())),
    ["decodeTheImpossible", "process/nowhere"],
  );
});
