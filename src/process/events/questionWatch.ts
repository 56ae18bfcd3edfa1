import type { Log } from "../../io/log/log.js";
import { questionText } from "../../model/machine/questionText.js";
import type { MachineReport } from "../ipc/reports.js";
import type { EventRing } from "./eventRing.js";

/** Tells in the log and in the events of a VM that waits for an answer, and that it has got one: each once. */
export class QuestionWatch {
  /** IDs of the questions that have been told, by the names of the BMCs. */
  readonly #asked = new Map<string, string>();

  constructor(
    private readonly ring: EventRing,
    private readonly log: Log,
  ) {}

  reported(name: string, report: MachineReport): void {
    // While nobody vouches for the VM, it may still wait.
    if (!report.fresh) {
      return;
    }
    const { question } = report.snapshot;
    const before = this.#asked.get(name);
    if (before === question?.id) {
      return;
    }
    if (question === undefined) {
      this.#asked.delete(name);
      this.#tell(name, "info", "it waits for no answer any more");
    } else {
      this.#asked.set(name, question.id);
      this.#tell(name, "warn", `it waits for an answer: ${questionText(question)}; vbmc answer ${name} CHOICE`);
    }
  }

  #tell(name: string, level: "info" | "warn", text: string): void {
    this.log[level]({ vm: name, reason: text }, "question of a VM");
    this.ring.add({ kind: "vm", name, text });
  }
}
