/** A VM that asks something in the middle of its power-on: it is reported everywhere, nothing waits for it, it can be answered. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { MachineReport } from "../../../src/process/ipc/reports.js";
import { movedOrCopied } from "../../../src/simulator/index.js";
import { isOn, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const openLink = linksOfThisFile();
const text =
  "This virtual machine might have been moved or copied. In order to configure certain management and networking " +
  "features, VMware ESX needs to know if this virtual machine was moved or copied. If you don't know, answer " +
  '"I Copied It".';
const choices = [
  { key: "0", label: "Cancel" },
  { key: "1", label: "I Moved It" },
  { key: "2", label: "I Copied It" },
];
const machine = { vmName: "vm-01" };

const asks = (report: MachineReport): boolean => report.fresh && report.snapshot.question !== undefined;

/** vm-01 waits for an answer. */
async function openAsking(): Promise<ServedLink> {
  const vms = [{ name: "vm-01", question: movedOrCopied }];
  const served = await openLink({ simulator: { vms } });
  await served.serve("vm-01");
  await served.machine("vm-01").power("on");
  await served.reported("vm-01", asks);
  return served;
}

test("the question and its choices are in the snapshot, each on one line and without vSphere's names for texts", async () => {
  const served = await openAsking();
  const report = await served.reported("vm-01", asks);
  const question = report.fresh ? report.snapshot.question : undefined;
  assert.deepEqual([question?.text, question?.choices], [text, choices]);
});

test("readings go on; what has to wait is busy, and says that the VM waits for an answer", async () => {
  const served = await openAsking();
  assert.equal(await served.machine("vm-01").bootOverride(), undefined);
  await assert.rejects(served.machine("vm-01").setBootOverride({ device: "pxe", persistent: false }), {
    kind: "busy",
    message: /^PowerOnVM_Task has been running on the VM for \d+ s, since the VM waits for an answer: This virtual/,
  });
});

test("a power off is sent, and the server decides", async () => {
  const served = await openAsking();
  await assert.rejects(served.machine("vm-01").power("off"), { kind: "busy", message: /waits for an answer: This/ });
  served.simulator.behaviour.powerOffEndsQuestion = true;
  await served.machine("vm-01").power("off");
  await served.reported("vm-01", (report) => report.fresh && report.snapshot.question === undefined);
  assert.equal(served.calls("PowerOffVM_Task"), 2);
});

test("it is reported without a choice, and answered by the text or the key of one", async () => {
  const served = await openAsking();
  const told = await served.link.ask({ name: "answer", machine }, 5_000);
  assert.ok(told.ok && "question" in told && told.question.text === text && !told.answered);
  const wrong = await served.link.ask({ name: "answer", machine, choice: "perhaps" }, 5_000);
  assert.deepEqual(wrong, {
    ok: false,
    kind: "unsupported",
    message: "there is no choice 'perhaps': give one of 0 = Cancel, 1 = I Moved It, 2 = I Copied It",
  });
  const answered = await served.link.ask({ name: "answer", machine, choice: "i copied it" }, 5_000);
  assert.ok(answered.ok && "question" in answered && answered.answered?.key === "2");
  await served.reported("vm-01", isOn);
  const again = await served.link.ask({ name: "answer", machine, choice: "2" }, 5_000);
  assert.ok(!again.ok && again.message === "the VM is not waiting for an answer");
});

test("an answer that calls the power-on off is a failure of the command that had begun it", async () => {
  const served = await openAsking();
  await served.link.ask({ name: "answer", machine, choice: "0" }, 5_000);
  const event = await served.until(({ type }) => type === "machineEvent");
  assert.match(JSON.stringify(event), /"operation":"power","reason":"[^"]*The power-on was cancelled/);
});

test("vbmc check names the question and what to do", async () => {
  const served = await openAsking();
  const answer = await served.link.ask({ name: "diagnose", machines: [machine] }, 5_000);
  assert.ok(answer.ok && "diagnoses" in answer);
  const step = answer.diagnoses[0]?.steps.find((candidate) => candidate.step === "power state");
  assert.equal(step?.status, "failed");
  assert.match(step.detail, /^poweredOff, and waits for an answer: This .*; give it with vbmc answer vm-01 CHOICE$/);
});

test("a command that is refused because of a question names the command that answers it", async () => {
  const served = await openLink();
  await served.serve("vm-01");
  const misbehaviour = { kind: "fault", type: "QuestionPending" } as const;
  served.simulator.rules.add({ method: "PowerOnVM_Task", misbehaviour });
  await assert.rejects(served.machine("vm-01").power("on"), {
    kind: "invalidState",
    message: /: answer it with vbmc answer vm-01 CHOICE$/,
  });
});
