import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import ts from "typescript";

import { inRepository } from "./support/repository.js";

const sourceRoot = inRepository("src");

/** room → the rooms it may import (besides itself), as in docs/architecture.md. A wing stands for all of its rooms. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  "model/machine": ["base"],
  "model/sel": ["base"],
  "model/bmc": ["model", "base"],
  "model/fleet": ["base"],
  "protocol/rmcp": ["base"],
  "protocol/security": ["base"],
  "protocol/client": ["protocol/rmcp", "protocol/security", "base"],
  "protocol/ipmi": ["protocol/rmcp", "protocol/security", "model", "base"],
  "protocol/redfish": ["model", "base"],
  "protocol/telnet": ["base"],
  vsphere: ["model/machine", "base"],
  simulator: [],
  "io/address": ["base"],
  "io/console": ["base"],
  "io/counters": ["base"],
  "io/files": ["base"],
  "io/http": ["base"],
  "io/lan": ["base"],
  "io/log": ["io/files", "base"],
  "io/metrics": ["io/http", "base"],
  "io/password": [],
  "io/version": ["base"],
  "settings/accounts": ["io/files", "model/fleet", "base"],
  "settings/ini": ["base"],
  "settings/config": ["settings/ini", "io/address", "io/files", "base"],
  "settings/store": ["settings/ini", "io/files", "io/address", "base"],
  control: ["io/address", "io/files", "settings/store", "base"],
  "process/ipc": ["model", "io/console", "io/counters", "settings/config", "base"],
  "process/common": ["base", "protocol/redfish", "model", "io"],
  "process/child": ["base", "process/ipc", "process/common", "protocol/ipmi", "protocol/redfish", "model", "io"],
  "process/web": ["base", "process/ipc", "process/common", "protocol/redfish", "model", "io"],
  "process/console": ["process/ipc", "protocol/telnet", "io", "base"],
  "process/link": ["process/ipc", "vsphere", "model/machine", "io", "base"],
  "process/events": ["base", "process/ipc", "model/machine", "model/sel", "io"],
  "process/supervisor": ["base", "process/ipc", "process/events", "settings", "model", "io"],
  "process/operations": ["base", "process", "control", "settings", "protocol/client", "model", "io"],
  "process/handlers": ["base", "process", "control", "settings", "model", "io/log"],
  "process/daemon": ["base", "process", "control", "settings", "model", "io"],
  cli: [
    "control",
    "settings/config",
    "settings/ini",
    "settings/store",
    "protocol/client",
    "io/address",
    "io/console",
    "io/files",
    "io/version",
    "base",
  ],
  launch: [],
};

/** room → the packages and node modules it must not import; `*` in files names all files of a room but these. */
const forbiddenPackages: Readonly<Record<string, readonly string[]>> = {
  base: ["*"],
  "model/machine": ["*"],
  "model/fleet": ["*"],
  "model/sel": ["node:net", "node:dgram", "node:fs", "node:fs/promises", "soap", "pino", "zeromq"],
  "model/bmc": ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  "protocol/rmcp": ["node:net", "node:dgram", "node:fs", "node:crypto", "soap", "pino", "zeromq"],
  "protocol/security": ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  "protocol/ipmi": ["node:net", "node:dgram", "node:fs", "soap", "pino", "zeromq"],
  "protocol/redfish": ["node:net", "node:http", "node:tls", "node:fs", "node:fs/promises", "soap", "pino", "zeromq"],
  "protocol/telnet": ["*"],
  "io/counters": ["*"],
  "io/console": ["soap", "zeromq", "pino"],
  "io/http": ["soap", "zeromq", "pino"],
  "io/lan": ["soap", "zeromq", "pino"],
  "io/metrics": ["soap", "zeromq", "pino"],
  "process/child": ["soap", "zeromq", "pino", "commander"],
  "process/console": ["node:dgram", "soap", "zeromq", "pino", "commander"],
  "process/daemon": ["soap", "commander", "cli-table3"],
  "process/events": ["soap", "commander", "cli-table3"],
  "process/handlers": ["soap", "commander", "cli-table3"],
  "process/operations": ["soap", "commander", "cli-table3"],
  "process/supervisor": ["soap", "commander", "cli-table3"],
  cli: ["soap"],
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
      (mayImport[room] ?? []).some((name) => name === targetRoom || targetRoom.startsWith(`${name}/`)) ||
      exceptions.has(`${file} → ${targetRoom}`);
    return allowed ? [] : [`${file} imports ${target}`];
  });
}

/** `wing/room`, or the wing alone where it is not divided. */
function roomOf(file: string): string {
  const [wing = "", room = ""] = file.split("/");
  return wing in mayImport ? wing : `${wing}/${room}`;
}

function sourceFiles(): string[] {
  return readdirSync(sourceRoot, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
}

test("every import in src obeys the table of rooms", () => {
  const files = sourceFiles();
  assert.ok(files.length > 10, "the source tree is where the test looks");
  const unknown = files.filter((file) => !(roomOf(file) in mayImport));
  assert.deepEqual(unknown, [], "every file is in a room of the table");
  const edges = files.flatMap((file) => importsOf(file, readFileSync(path.join(sourceRoot, file), "utf8")));
  assert.deepEqual(violations(edges), []);
});

test("no rooms import each other, at any distance", () => {
  const below = new Map<string, Set<string>>();
  for (const file of sourceFiles()) {
    const room = roomOf(file);
    const targets = importsOf(file, readFileSync(path.join(sourceRoot, file), "utf8")).flatMap(({ specifier }) =>
      specifier.startsWith(".") ? [roomOf(path.posix.join(path.posix.dirname(file), specifier))] : [],
    );
    below.set(room, new Set([...(below.get(room) ?? []), ...targets.filter((target) => target !== room)]));
  }
  const onTheWay: string[] = [];
  const visit = (room: string): void => {
    assert.ok(!onTheWay.includes(room), [...onTheWay, room].join(" → "));
    onTheWay.push(room);
    below.get(room)?.forEach(visit);
    onTheWay.pop();
  };
  [...below.keys()].forEach(visit);
});

test("a planted violation is found", () => {
  const planted = importsOf(
    "protocol/ipmi/planted.ts",
    'import dgram from "node:dgram";\nimport { x } from "../../vsphere/x.js";\n',
  );
  assert.deepEqual(violations(planted), [
    "protocol/ipmi/planted.ts imports node:dgram",
    "protocol/ipmi/planted.ts imports vsphere/x.ts",
  ]);
  const allowed = importsOf("process/daemon/planted.ts", 'import type { ToChild } from "../ipc/child.js";\n');
  assert.deepEqual(violations(allowed), []);
  assert.deepEqual(violations(importsOf("process/events/planted.ts", 'import "../child/main.js";\n')), [
    "process/events/planted.ts imports process/child/main.ts",
  ]);
});
