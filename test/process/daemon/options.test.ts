import assert from "node:assert/strict";
import { test } from "node:test";

import { type DaemonOptions, parseOptions } from "../../../src/process/daemon/options.js";

const nothing: DaemonOptions = { help: false, version: false, foreground: false, checkConfig: false };

/** As argparse of Python 3.11 takes them. */
const taken: readonly (readonly [readonly string[], Partial<DaemonOptions>])[] = [
  [[], {}],
  [["--foreground"], { foreground: true }],
  [["--fore"], { foreground: true }],
  [["--f", "--f"], { foreground: true }],
  [["--vers"], { version: true }],
  [["-h"], { help: true }],
  [["--bogus", "--help"], { help: true }],
  [["--check", "--fore"], { checkConfig: true, foreground: true }],
  [["--foreground", "--"], { foreground: true }],
];

for (const [argv, expected] of taken) {
  test(`vbmcd ${argv.join(" ")} is understood`, () => {
    assert.deepEqual(parseOptions(argv), { ...nothing, ...expected });
  });
}

for (const [argv, message] of [
  [["--bogus", "x"], /^unrecognized arguments: --bogus x$/],
  [["--foreground=yes"], /^argument --foreground: ignored explicit argument 'yes'$/],
  [["--help=x"], /^argument -h\/--help: ignored explicit argument 'x'$/],
  [["-f"], /^unrecognized arguments: -f$/],
  [["--", "--version"], /^unrecognized arguments: --version$/],
] as const) {
  test(`vbmcd ${argv.join(" ")} is refused in argparse's words`, () => {
    assert.throws(() => parseOptions(argv), { message });
  });
}
