import assert from "node:assert/strict";
import { test } from "node:test";

import { commands } from "../../src/protocol/ipmi/commands/index.js";
import { commandsPage } from "../support/commandsPage.js";

test("every command has one row, with its number, section and privilege", () => {
  const rows = commandsPage()
    .split("\n")
    .filter((line) => /^\| [0-9A-F]{2}\//.test(line));
  assert.equal(rows.length, commands.length);
  assert.ok(rows.some((row) => /^\| 00\/02 +\| Chassis Control +\| 28\.3 +\| OPERATOR +\|/.test(row)));
  assert.ok(rows.some((row) => /^\| 2C\/06:DC +\| Get Asset Tag +\| DCMI 1\.5 §6\.4\.2 +\| USER +\|/.test(row)));
});
