/** Steps of a diagnosis. */
import { accountSteps, type DiagnosisStep, type StepStatus } from "../ipc/question.js";

export function stepOf(step: DiagnosisStep["step"], status: StepStatus, detail: string): DiagnosisStep {
  return { step, status, detail };
}

/** The given steps, followed by the remaining ones as skipped. */
export function completed(given: readonly DiagnosisStep[]): readonly DiagnosisStep[] {
  const failed = given.find(({ status }) => status === "failed");
  const names = given.map(({ step }) => step);
  const others = accountSteps.filter((step) => !names.includes(step));
  const skipped = others.map((step) => stepOf(step, "skipped", `not checked: ${failed?.step ?? "a step"} failed`));
  const inOrder = (step: DiagnosisStep): number => accountSteps.indexOf(step.step);
  return [...given, ...skipped].sort((a, b) => inOrder(a) - inOrder(b));
}
