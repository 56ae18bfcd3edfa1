/** Records in the SEL that a question blocks the machine, and that it has been answered. */
import type { MachineUpdate } from "../state/machineUpdate.js";
import type { Events } from "./events.js";

/** Takes every report of the machine's state. */
export function recordQuestion(events: Events, { snapshot: { question }, previous }: MachineUpdate): void {
  if (question?.id !== previous?.question?.id) {
    events.record({ type: question === undefined ? "questionAnswered" : "questionAsked" });
  }
}
