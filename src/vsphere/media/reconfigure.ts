/** Changes of a VM's drives: a guest that has locked the door is overruled, and other tasks of the VM are waited for. */
import { MachineError } from "../../model/machine/errors.js";
import { isFault } from "../faults.js";
import { decodeQuestion } from "../machineQuestion.js";
import type { MoRef } from "../moRef.js";
import { readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, listOf, textOf } from "../soapValue.js";
import { runTask } from "../task.js";

const questionPollIntervalMs = 500;
const busyPollIntervalMs = 500;
/** How long another task of the VM is waited for, ms: a vMotion takes minutes. */
const busyTimeoutMs = 10 * 60_000;

/** Throws VimFault, VimTransportError or MachineError. */
export async function changeDrives(
  session: VimSession,
  machine: MoRef,
  deviceChange: readonly unknown[],
): Promise<void> {
  const until = Date.now() + busyTimeoutMs;
  for (;;) {
    try {
      await withLockOverridden(session, machine, () =>
        runTask(session, machine, { stage: "waiting" }, "ReconfigVM_Task", { spec: { deviceChange } }),
      );
      return;
    } catch (error) {
      if (!isFault(error, "TaskInProgress", "ConcurrentAccess") || Date.now() > until) {
        throw inWords(error);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, busyPollIntervalMs));
  }
}

/** What vSphere says of these does not tell what to do. */
function inWords(error: unknown): unknown {
  if (isFault(error, "GenericVmConfigFault") && /[Cc]onnection control/.test(error.message)) {
    return new MachineError(
      "invalidState",
      "the guest holds the drive and vSphere does not let go of it: eject it in the guest, or here when the VM is off",
    );
  }
  return isFault(error, "DeviceHotPlugNotSupported")
    ? new MachineError("invalidState", "vSphere adds no drive to the VM while it is on: switch the VM off first")
    : error;
}

/** Says Yes to the question about the locked door that may come up while `change` runs. */
async function withLockOverridden(session: VimSession, machine: MoRef, change: () => Promise<void>): Promise<void> {
  let isLooking = false;
  const timer = setInterval(() => {
    if (!isLooking) {
      isLooking = true;
      // Whatever goes wrong with it shows in the change.
      void openDoor(session, machine)
        .catch(() => undefined)
        .finally(() => (isLooking = false));
    }
  }, questionPollIntervalMs);
  try {
    await change();
  } finally {
    clearInterval(timer);
  }
}

async function openDoor(session: VimSession, machine: MoRef): Promise<void> {
  const asked = (await readProperties(session, machine, ["runtime.question"])).get("runtime.question");
  const question = decodeQuestion(asked);
  const yes = question?.choices.find(({ label }) => /^_?yes$/i.test(label.trim()));
  if (question && yes && isAboutDoor(asked)) {
    await session.call("AnswerVM", machine, { questionId: question.id, answerChoice: yes.key });
  }
}

/** By the names that vSphere gives the text, in front of it or in `message`. */
function isAboutDoor(question: unknown): boolean {
  const messages = listOf(fieldOf(question, "message")).map((message) => textOf(fieldOf(message, "id")) ?? "");
  return [textOf(fieldOf(question, "text")) ?? "", ...messages].some((name) => name.includes("cdromdisconnect.locked"));
}
