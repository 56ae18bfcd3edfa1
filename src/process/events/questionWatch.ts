/** Reports questions that block VMs. */
import type { Log } from "../../io/log/log.js";
import { questionText } from "../../model/machine/questionText.js";
import type { MachineReport } from "../ipc/reports.js";
import type { EventBuffer } from "./eventBuffer.js";

export interface QuestionWatch {
  readonly reported: (name: string, report: MachineReport) => void;
}

/** Reports in the log and the events, once each, that a question blocks a VM and that it has been answered. */
export function createQuestionWatch(buffer: EventBuffer, log: Log): QuestionWatch {
  /** IDs of the reported questions, by BMC name. */
  const asked = new Map<string, string>();

  function emit(name: string, level: "info" | "warn", text: string): void {
    log[level]({ vm: name, reason: text }, "question of a VM");
    buffer.add({ kind: "vm", name, text });
  }

  return {
    reported: (name, report) => {
      // While the state is stale, the question may still be pending.
      if (!report.fresh) {
        return;
      }
      const { question } = report.snapshot;
      if (asked.get(name) === question?.id) {
        return;
      }
      if (question === undefined) {
        asked.delete(name);
        emit(name, "info", "no question blocks the VM any longer");
      } else {
        asked.set(name, question.id);
        emit(name, "warn", `a question blocks the VM: ${questionText(question)}; vbmc answer ${name} CHOICE`);
      }
    },
  };
}
