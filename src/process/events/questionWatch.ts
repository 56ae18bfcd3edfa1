import type { Log } from "../../io/log/log.js";
import { questionText } from "../../model/machine/questionText.js";
import type { MachineReport } from "../ipc/reports.js";
import type { EventBuffer } from "./eventBuffer.js";

export interface QuestionWatch {
  readonly reported: (name: string, report: MachineReport) => void;
}

/** Tells in the log and in the events of a VM that waits for an answer, and that it has got one: each once. */
export function createQuestionWatch(buffer: EventBuffer, log: Log): QuestionWatch {
  /** IDs of the questions that have been told, by the names of the BMCs. */
  const asked = new Map<string, string>();

  function emit(name: string, level: "info" | "warn", text: string): void {
    log[level]({ vm: name, reason: text }, "question of a VM");
    buffer.add({ kind: "vm", name, text });
  }

  return {
    reported: (name, report) => {
      // While nobody vouches for the VM, it may still wait.
      if (!report.fresh) {
        return;
      }
      const { question } = report.snapshot;
      if (asked.get(name) === question?.id) {
        return;
      }
      if (question === undefined) {
        asked.delete(name);
        emit(name, "info", "it waits for no answer any more");
      } else {
        asked.set(name, question.id);
        emit(name, "warn", `it waits for an answer: ${questionText(question)}; vbmc answer ${name} CHOICE`);
      }
    },
  };
}
