import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import ts from "typescript";

import { inRepository } from "./support/repository.js";

const sourceRoot = inRepository("src");

/** room → the rooms it may import (besides itself), as in docs/architecture.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  machine: [],
  security: [],
  rmcp: [],
  sel: [],
  document: [],
  bmc: ["machine", "sel", "document"],
  ipmi: ["rmcp", "security", "bmc", "sel", "machine"],
  lan: [],
  client: ["rmcp", "security"],
  vsphere: ["machine"],
  simulator: [],
  address: [],
  files: [],
  ini: [],
  store: ["ini", "files", "address"],
  config: ["ini"],
  control: ["address", "files"],
  counters: [],
  http: [],
  metrics: ["http"],
  link: ["vsphere", "machine", "document", "child/messages", "log", "files", "counters"],
  child: ["bmc", "ipmi", "lan", "machine", "files", "counters", "sel", "address"],
  daemon: [
    "store",
    "config",
    "control",
    "client",
    "files",
    "child/messages",
    "machine",
    "log",
    "counters",
    "metrics",
    "http",
    "sel",
    "address",
    "version",
  ],
  cli: ["control", "config", "client", "ini", "address", "version"],
  demo: ["client", "simulator"],
  log: ["files"],
  version: [],
  launch: [],
};

/** room → the packages and node modules it must not import; `*` in files names all files of a room but these. */
const forbiddenPackages: Readonly<Record<string, readonly string[]>> = {
  machine: ["*"],
  security: ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  rmcp: ["node:net", "node:dgram", "node:fs", "node:crypto", "soap", "pino", "zeromq"],
  document: ["*"],
  sel: ["node:net", "node:dgram", "node:fs", "node:fs/promises", "soap", "pino", "zeromq"],
  bmc: ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  ipmi: ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  child: ["soap", "zeromq", "pino", "commander"],
  lan: ["soap", "zeromq", "pino"],
  daemon: ["soap", "commander", "cli-table3"],
  cli: ["soap"],
  counters: ["*"],
  http: ["soap", "zeromq", "pino"],
  metrics: ["soap", "zeromq", "pino"],
};

/** Imports that one file alone may make. */
const exceptions: ReadonlySet<string> = new Set(["cli/commands/simulator.ts → simulator"]);

interface ImportEdge {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(file: string, text: string): ImportEdge[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
}

/** One line per import that the tables do not allow. */
function violations(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap(({ file, specifier }) => {
    const room = roomOf(file);
    if (!specifier.startsWith(".")) {
      const forbidden = forbiddenPackages[room] ?? [];
      const hit = forbidden.includes("*") || forbidden.some((name) => specifier === name);
      return hit ? [`${file} imports ${specifier}`] : [];
    }
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)).replace(/\.js$/, ".ts");
    const targetRoom = roomOf(target);
    const allowed =
      room === targetRoom ||
      (mayImport[room] ?? []).some((name) => name === targetRoom || target === `${name}.ts`) ||
      exceptions.has(`${file} → ${targetRoom}`);
    return allowed ? [] : [`${file} imports ${target}`];
  });
}

function roomOf(file: string): string {
  return (file.split("/")[0] ?? "").replace(/\.ts$/, "");
}

test("every import in src obeys the table of rooms", () => {
  const files = readdirSync(sourceRoot, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  assert.ok(files.length > 10, "the source tree is where the test looks");
  const unknown = files.filter((file) => !(roomOf(file) in mayImport));
  assert.deepEqual(unknown, [], "every file is in a room of the table");
  const edges = files.flatMap((file) => importsOf(file, readFileSync(path.join(sourceRoot, file), "utf8")));
  assert.deepEqual(violations(edges), []);
});

test("a planted violation is found", () => {
  const planted = importsOf(
    "ipmi/planted.ts",
    'import dgram from "node:dgram";\nimport { x } from "../vsphere/x.js";\n',
  );
  assert.deepEqual(violations(planted), ["ipmi/planted.ts imports node:dgram", "ipmi/planted.ts imports vsphere/x.ts"]);
  const allowed = importsOf("daemon/planted.ts", 'import type { ToChild } from "../child/messages.js";\n');
  assert.deepEqual(violations(allowed), []);
  assert.deepEqual(violations(importsOf("daemon/planted.ts", 'import "../child/main.js";\n')), [
    "daemon/planted.ts imports child/main.ts",
  ]);
});
