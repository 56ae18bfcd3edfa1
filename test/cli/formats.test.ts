/** Every format, with every option, against cliff's own formatters, which the original uses. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Cell, ControlResponse } from "../../src/control/messages.js";
import { type ControlServer, startControlServer } from "../../src/control/server.js";
import { cliff, type OriginalClient, startOriginalClient } from "../support/originalClient.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { useControlPort, vbmc } from "./commandRun.js";

const home = temporaryFolder();
const header = ["VM name", "Status", "Address", "Port"];
type Rows = readonly (readonly Cell[])[];

/** What the daemon answers to any question. */
let reply: ControlResponse = { rc: 0 };
let server: ControlServer;
before(async () => {
  server = await startControlServer({
    port: 0,
    auth: { mode: "none" },
    handle: () => Promise.resolve(reply),
    log: () => undefined,
  });
  useControlPort(home, server.port);
});
after(() => {
  server.close();
});

const named = (...names: readonly string[]): Rows => names.map((name, index) => [name, "down", "::", 26_100 + index]);

const tables: Readonly<Record<string, Rows>> = {
  "no BMC": [],
  "a few": [
    ["vm2", "running", "127.0.0.26", 26_102],
    ["vm10", "down", "::", 6230],
    ["vm1", "error", "10.0.0.1", 26_101],
  ],
  "values that are missing": [
    ["b", "error", null, null],
    ["c", "down", "::", 6230],
    ["a", "error", null, null],
  ],
  "odd names": named(
    ...[" lead", "trail ", "a b", "名前", "😀x", "50%", "x;y#z", "__proto__", "true", "null", "é", "ÿ"],
    ...["'q'", '"d"', "a'b", "a\\b", "a,b", "a: b", "a:", "#c", "a #b", "- a", "-", "~", "*x", "&x", "!x", "|", "`x"],
    ...["{a}", "[a]", "?", "1.5", "12", "0x1f", "0o7", "yes", "No", "on", "2020-01-01", "12:30:45", "1_000", "="],
  ),
  "long names": named(
    "x".repeat(80),
    "two words and then some more of them",
    "4224e8b5-ab1e-cd2d-ef3c-ab5a69788796",
    "a-b",
  ),
  "numbers as names": named("10", "9", "1e", "0"),
};

const optionLists: readonly (readonly string[])[] = [
  [],
  ["-f", "table"],
  ["--format", "json"],
  ["-f", "json", "--noindent"],
  ["-f", "csv"],
  ["-f", "csv", "--quote", "all"],
  ["-f", "csv", "--quote", "minimal"],
  ["-f", "csv", "--quote", "none"],
  ["-f", "csv", "--quote", "nonnumeric"],
  ["-f", "yaml"],
  ["-f", "value"],
  ["-f=value"],
  ["-fvalue"],
  ["--print-empty"],
  ["--fit-width"],
  ["--max-width", "0"],
  ["--max-width=-1"],
  ["--max-width", "10"],
  ["--max-width", "50"],
  ["--max-width", "70"],
  ["--max-width", "100"],
  ["-c", "Port"],
  ["-c", "Port", "-c", "VM name"],
  ["-c", "bogus", "-c", "Status"],
  ["-c", "Address", "-f", "csv"],
  ["-c", "Address", "-f", "csv", "--quote", "minimal"],
  ["-c", "bogus"],
  ["-c", "it's"],
  ["--sort-column", "Port"],
  ["--sort-column", "Port", "--sort-descending"],
  ["--sort-column", "Status", "--sort-column", "Port"],
  ["--sort-column", "Address", "--sort-ascending"],
  ["--sort-column", "bogus"],
  ["--sort-descending"],
];

describe("list prints what cliff prints", { skip: cliff.skip }, () => {
  let original: OriginalClient;
  before(() => {
    original = startOriginalClient(server.port);
  });
  after(() => {
    original.close();
  });

  for (const [what, rows] of Object.entries(tables)) {
    test(`of ${what}, in ${optionLists.length} ways`, async () => {
      reply = { rc: 0, header, rows: rows.map((row) => [...row]) };
      for (const options of optionLists) {
        const argv = ["list", ...options];
        assert.deepEqual(await vbmc(argv), await original.run(argv), argv.join(" "));
      }
    });
  }
});

const listed = [
  ["vm2", "running", "127.0.0.26", 26_102],
  ["vm1", "down", "::", 6230],
] as const;

/** Captured from cliff 4.0 (Debian 12); for machines without it. */
const printed: readonly (readonly [readonly string[], string])[] = [
  [
    [],
    `+---------+---------+------------+-------+
| VM name | Status  | Address    |  Port |
+---------+---------+------------+-------+
| vm1     | down    | ::         |  6230 |
| vm2     | running | 127.0.0.26 | 26102 |
+---------+---------+------------+-------+
`,
  ],
  [["-f", "value"], "vm1 down :: 6230\nvm2 running 127.0.0.26 26102\n"],
  [["-f", "csv"], '"VM name","Status","Address","Port"\n"vm1","down","::",6230\n"vm2","running","127.0.0.26",26102\n'],
  [
    ["-f", "json", "--noindent", "-c", "Port", "-c", "VM name"],
    '[{"VM name": "vm1", "Port": 6230}, {"VM name": "vm2", "Port": 26102}]\n',
  ],
  [
    ["-f", "yaml"],
    `- Address: '::'
  Port: 6230
  Status: down
  VM name: vm1
- Address: 127.0.0.26
  Port: 26102
  Status: running
  VM name: vm2
`,
  ],
];

test("list prints these texts, whether or not cliff is there", async () => {
  reply = { rc: 0, header, rows: listed.map((row) => [...row]) };
  for (const [options, text] of printed) {
    assert.deepEqual(await vbmc(["list", ...options]), { rc: 0, stdout: text, stderr: "" }, options.join(" "));
  }
  reply = { rc: 0, header, rows: [] };
  const empty = { table: "\n", json: "[]\n", yaml: "[]\n", value: "", csv: '"VM name","Status","Address","Port"\n' };
  for (const [format, text] of Object.entries(empty)) {
    assert.equal((await vbmc(["list", "-f", format])).stdout, text, format);
  }
});

test("--fit-width, or CLIFF_FIT_WIDTH=1, fits the table to the terminal; CLIFF_MAX_TERM_WIDTH to any width", async () => {
  reply = { rc: 0, header, rows: [["a name of more than one word", "down", "::", 6230]] };
  const fitted = `+---------------+--------+---------+------+
| VM name       | Status | Address | Port |
+---------------+--------+---------+------+
| a name of     | down   | ::      | 6230 |
| more than one |        |         |      |
| word          |        |         |      |
+---------------+--------+---------+------+
`;
  assert.equal((await vbmc(["list", "--fit-width"], 43)).stdout, fitted);
  assert.notEqual((await vbmc(["list"], 43)).stdout, fitted);
  process.env["CLIFF_FIT_WIDTH"] = "1";
  assert.equal((await vbmc(["list"], 43)).stdout, fitted);
  delete process.env["CLIFF_FIT_WIDTH"];
  process.env["CLIFF_MAX_TERM_WIDTH"] = "43";
  assert.equal((await vbmc(["list"])).stdout, fitted);
  delete process.env["CLIFF_MAX_TERM_WIDTH"];
});
