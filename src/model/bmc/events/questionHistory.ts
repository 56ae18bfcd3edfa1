/** The questions that the machine waits with, for the SEL: that there is one, and that it has been answered. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { Events } from "./events.js";

/** Takes every report of the machine's state. */
export function createQuestionHistory(events: Events): (snapshot: MachineSnapshot) => void {
  let asked: string | undefined;
  return ({ question }) => {
    if (question?.id === asked) {
      return;
    }
    asked = question?.id;
    events.record({ type: asked === undefined ? "questionAnswered" : "questionAsked" });
  };
}
