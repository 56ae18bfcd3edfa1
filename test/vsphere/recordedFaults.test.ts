/** Recorded faults of real servers, and what becomes of them: kind and message of our own error. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { MachineErrorKind } from "../../src/model/machine/errors.js";
import { toMachineError } from "../../src/vsphere/faults.js";
import { toUpdate } from "../../src/vsphere/machineSnapshot.js";
import { readProperties } from "../../src/vsphere/properties.js";
import { taskOutcome } from "../../src/vsphere/taskInfo.js";
import { createWatch } from "../../src/vsphere/watch.js";
import { recorded, type RecordedServer, reference, startRecordedServer } from "../support/recordedServer.js";

let open: RecordedServer[] = [];
afterEach(async () => {
  await Promise.all(open.map(({ close }) => close()));
  open = [];
});

async function serve(answers: Readonly<Record<string, readonly string[]>>): Promise<RecordedServer> {
  const server = await startRecordedServer(answers);
  open.push(server);
  return server;
}

const vm = { type: "VirtualMachine", value: "vm-1" };

/** [file, kind, what the message holds] */
const faults: readonly (readonly [string, MachineErrorKind, RegExp])[] = [
  ["recorded-InvalidLogin", "unavailable", /^InvalidLogin: Cannot complete login due to an incorrect user name/],
  ["recorded-prefixed-InvalidRequest", "unsupported", /^InvalidRequest: Request missing value for .*'profileIds'/],
  ["NoPermission", "denied", /needs VirtualMachine\.Interact\.PowerOn on VirtualMachine vm-1\): add .* role/],
  ["RestrictedVersion", "denied", /Current license or ESXi version prohibits.*: a free ESXi licence has no API/],
  ["HostNotConnected", "busy", /the host is not connected: check in vCenter why/],
  ["HostNotReachable", "busy", /The host is not reachable: check in vCenter why/],
  ["TaskInProgress", "busy", /another task is already in progress \(task Task task-7\): try again/],
  ["QuestionPending", "invalidState", /msg\.uuid\.altered: This virtual machine might have been moved or copied/],
  ["ToolsUnavailable", "invalidState", /VMware Tools is not running.*: install or start VMware Tools/],
  ["InvalidPowerState", "invalidState", /current state \(Powered on\)$/],
  ["InsufficientMemoryResourcesFault", "invalidState", /memory.*\(unreserved 1024, requested 4096\): free some/],
  ["GenericVmConfigFault", "invalidState", /LookupAndOpen\[file\] failed \(Module DiskEarly power on failed\)/],
  ["NotAuthenticated", "unavailable", /The session is not authenticated \(needs System\.View on Folder group-d1\)/],
  ["ManagedObjectNotFound", "notFound", /'vim\.VirtualMachine:vm-1' has already been deleted/],
];

for (const [file, kind, words] of faults) {
  test(`the fault ${file} is ${kind}, in one line that holds what its fields say`, async () => {
    const { client } = await serve({ PowerOnVM_Task: [recorded(`faults/${file}.xml`)] });
    const error = toMachineError(await client.call("PowerOnVM_Task", vm).catch((failure: unknown) => failure));
    assert.equal(error.kind, kind);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /\n/);
  });
}

/** [file, kind, what the message holds] */
const tasks: readonly (readonly [string, MachineErrorKind, RegExp])[] = [
  ["InsufficientMemoryResourcesFault", "invalidState", /sufficient memory.*requested 4096/],
  ["NoPermission", "denied", /VirtualMachine\.Interact\.PowerOn on VirtualMachine vm-1/],
  ["GenericVmConfigFault", "invalidState", /LookupAndOpen.*Module DiskEarly/],
  ["RestrictedVersion", "denied", /license/],
];

async function outcomeIn(file: string): Promise<unknown> {
  const server = await serve({ RetrievePropertiesEx: [recorded(`tasks/${file}.xml`)] });
  const task = { type: "Task", value: "task-518718" };
  return taskOutcome((await readProperties(await server.openSession(), task, ["info"])).get("info"));
}

for (const [fault, kind, words] of tasks) {
  test(`a task that failed with ${fault} is ${kind}, as a call that was answered with it`, async () => {
    const error = toMachineError(await outcomeIn(`error-${fault}`));
    assert.equal(error.kind, kind);
    assert.match(error.message, words);
  });
}

test("a task that failed without a text tells the fault's type and its reason", async () => {
  const error = toMachineError(await outcomeIn("error-without-text"));
  assert.deepEqual([error.kind, error.message], ["invalidState", "SystemError: vm start failed"]);
});

test("a task that succeeded has succeeded", async () => {
  assert.equal(await outcomeIn("success"), "success");
});

test("an update whose properties are refused (missingSet) is denied, and names the privilege", async () => {
  const server = await serve({
    CreatePropertyCollector: [reference("CreatePropertyCollector", "PropertyCollector", "pc-1")],
    CreateFilter: [reference("CreateFilter", "PropertyFilter", "filter-1")],
    WaitForUpdatesEx: [recorded("updates/4-denied.xml")],
  });
  const session = await server.openSession();
  const news = await new Promise((resolve, reject) => {
    const watch = createWatch(session, {
      onUpdate: (_machine, properties) => {
        watch.stop();
        resolve(properties instanceof Map ? toUpdate(properties) : properties);
      },
      onRefused: reject,
      onSilence: () => undefined,
    });
    watch.watch([{ type: "VirtualMachine", value: "vm-3" }]).then(() => watch.run(), reject);
  });
  assert.ok(news instanceof Error);
  assert.equal("kind" in news && news.kind, "denied");
  assert.match(news.message, /needs System\.Read on VirtualMachine vm-3/);
});
