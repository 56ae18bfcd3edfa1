import assert from "node:assert/strict";
import { test } from "node:test";

import { pythonInteger } from "../../../src/settings/ini/pythonInteger.js";

/** As int() of Python 3.11 answers; undefined: ValueError. */
const cases: readonly (readonly [string, number | undefined])[] = [
  ["6230", 6230],
  [" 6230\t", 6230],
  ["+6230", 6230],
  ["-5", -5],
  ["06230", 6230],
  ["6_230", 6230],
  ["６２３０", 6230],
  ["٦٢٣٠", 6230],
  ["𝟔𝟐𝟑𝟎", 6230],
  ["", undefined],
  ["_6230", undefined],
  ["6__230", undefined],
  ["6230_", undefined],
  ["0x1856", undefined],
  ["6230.0", undefined],
  ["+ 6230", undefined],
  ["²", undefined],
];

for (const [text, value] of cases) {
  test(`int(${JSON.stringify(text)}) is ${value ?? "an error"}`, () => {
    assert.equal(pythonInteger(text), value);
  });
}
