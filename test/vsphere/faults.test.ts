import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { machineErrorCodes } from "../../src/ipmi/machineErrorCodes.js";
import { MachineError } from "../../src/machine/errors.js";
import { faultKinds, otherFaults, toMachineError, transportKinds } from "../../src/vsphere/faults.js";
import { VimFault, VimTransportError } from "../../src/vsphere/vimErrors.js";
import { inRepository } from "../support/repository.js";

const documentation = readFileSync(inRepository("docs/vsphere.md"), "utf8");

/** The rows of the table below a heading, cells without blanks and code marks. */
function rowsBelow(heading: string): string[][] {
  const section = documentation.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

test("docs/vsphere.md tells the kind and completion code of every fault and error, and no others", () => {
  const code = (kind: keyof typeof machineErrorCodes): string =>
    `${machineErrorCodes[kind].toString(16).toUpperCase().padStart(2, "0")}h`;
  const kinds = Object.entries({ ...faultKinds, ...transportKinds });
  assert.deepEqual(rowsBelow("Faults").sort(), kinds.map(([name, kind]) => [name, kind, code(kind)]).sort());
  assert.match(documentation, new RegExp(`Whatever is not in the table is ${code(otherFaults)}`));
});

test("what soap or Node throws is told by its message alone", () => {
  const raw = Object.assign(new Error("boom"), { config: { data: "<password>secret</password>" } });
  const error = toMachineError(raw);
  assert.ok(error instanceof MachineError);
  assert.doesNotMatch(JSON.stringify(error) + String(error.stack), /secret/);
});

test("faults and transport errors keep their words", () => {
  assert.deepEqual(toMachineError(new VimFault("TaskInProgress", "busy")).kind, "busy");
  assert.deepEqual(toMachineError(new VimFault("SomethingNew", "text")).kind, otherFaults);
  assert.match(toMachineError(new VimTransportError("timeout", "no answer from vc")).message, /no answer from vc/);
});
