/** The step of `vbmc check` that reports a VM's power state, and whether a question blocks it. */
import { questionText } from "../../model/machine/questionText.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import type { DiagnosisStep } from "../ipc/question.js";

export function powerStateStep(vmName: string, { powerState, question }: MachineSnapshot): DiagnosisStep {
  const step = "power state";
  return question
    ? {
        step,
        status: "failed",
        detail: `${powerState}, and waits for an answer: ${questionText(question)}; give it with vbmc answer ${vmName} CHOICE`,
      }
    : { step, status: "ok", detail: powerState };
}
