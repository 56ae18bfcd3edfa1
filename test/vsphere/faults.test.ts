import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { MachineError } from "../../src/model/machine/errors.js";
import { machineErrorCodes } from "../../src/protocol/ipmi/machineErrorCodes.js";
import { readFault } from "../../src/vsphere/faultReading.js";
import { faultKinds, kindOfFault, otherFaults, toMachineError, transportKinds } from "../../src/vsphere/faults.js";
import { VimFault, VimTransportError } from "../../src/vsphere/vimErrors.js";
import { peer } from "../support/peer.js";
import { inRepository } from "../support/repository.js";
import { hasPyvmomi } from "../support/witness.js";

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

test("a fault that is not in the table is what its base type is, and of one without a known base the name decides", () => {
  const kinds = [
    "HostNotReachable",
    "InvalidClientCertificate",
    "NotAuthenticated",
    "LicenseExpired",
    "MethodNotFound",
  ];
  assert.deepEqual(kinds.map(kindOfFault), ["busy", "unavailable", "unavailable", "denied", "unsupported"]);
  const news = ["CloneInProgress", "GpuNotSupported", "NoPermissionOnVault", "TeapotFault", "DeviceNotSupported"];
  assert.deepEqual(news.map(kindOfFault), ["busy", "unsupported", "denied", "invalidState", "invalidState"]);
});

test("the entries of faultMessage, the cause and an invalid property are told, each once and in one line", () => {
  const detail = {
    attributes: { "xsi:type": "InvalidArgument" },
    faultCause: { localizedMessage: "The disk\n is gone." },
    faultMessage: [{ key: "a", message: "Cannot open the disk." }, { message: "No such value" }],
    invalidProperty: "spec.bootOptions",
  };
  const { message } = readFault(detail, "InvalidArgument", "No such value.");
  assert.equal(
    message,
    "InvalidArgument: No such value (invalidProperty spec.bootOptions, Cannot open the disk, The disk is gone)",
  );
});

const pyvmomi = peer("python3-pyvmomi", hasPyvmomi);

test("pyVmomi's types derive from each other as our table has it", { skip: pyvmomi.skip }, () => {
  for (const [fault = "", ...bases] of pyvmomiFaults()) {
    const known = [fault, ...bases].find((type) => Object.hasOwn(faultKinds, type));
    if (known !== undefined) {
      assert.equal(kindOfFault(fault), faultKinds[known], `${fault} is a ${known}`);
    }
  }
});

/** Each fault type of the vSphere API, with its base types behind it, nearest first. */
function pyvmomiFaults(): readonly (readonly string[])[] {
  const program = [
    "import json, pyVmomi.VmomiSupport as support",
    "from pyVmomi import vim, vmodl",
    "types = [support.GetVmodlType(name) for name in support._dataDefMap if name.startswith(('vim.fault.', 'vmodl.'))]",
    "faults = [type for type in types if issubclass(type, vmodl.MethodFault)]",
    "print(json.dumps([[base.__name__.split('.')[-1] for base in fault.__mro__] for fault in faults]))",
  ];
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", program.join("\n")]);
  assert.equal(String(stderr), "");
  const faults = JSON.parse(String(stdout)) as string[][];
  assert.ok(faults.length > 500, "all of them are there");
  return faults;
}

test("what soap or Node throws is reported by its message alone", () => {
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
