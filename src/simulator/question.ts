/** Questions that a VM asks in the middle of a task, which then waits for the answer. */
import { array, int, structure, text, type Value } from "./value.js";

export interface QuestionChoice {
  readonly key: string;
  /** As vSphere has it: the name of a text. */
  readonly label: string;
  readonly summary: string;
  /** The task fails with it. */
  readonly cancels?: boolean;
}

export interface VmQuestion {
  readonly text: string;
  readonly choices: readonly QuestionChoice[];
  readonly defaultIndex?: number;
}

/** One that has been asked. */
export interface PendingQuestion extends VmQuestion {
  readonly id: string;
  /** `undefined`: the task is called off. */
  readonly settle: (choice: QuestionChoice | undefined) => void;
}

/** What ESXi asks of a VM whose files were copied. */
export const movedOrCopied: VmQuestion = {
  text:
    "msg.uuid.altered:This virtual machine might have been moved or copied.\n" +
    "In order to configure certain management and networking features, VMware ESX needs to know if this virtual machine " +
    'was moved or copied.\n\nIf you don\'t know, answer "I Copied It".',
  choices: [
    { key: "0", label: "button.uuid.cancel", summary: "Cancel", cancels: true },
    { key: "1", label: "button.uuid.movedTheVM", summary: "I Moved It" },
    { key: "2", label: "button.uuid.copiedTheVM", summary: "I Copied It" },
  ],
  defaultIndex: 2,
};

/** What ESXi asks before it takes a medium out of a drive that the guest has locked; the key of Yes differs. */
export function lockedDoor(yesKey: "0" | "1" = "0"): VmQuestion {
  const yes: QuestionChoice = { key: yesKey, label: "button.yes", summary: "Yes" };
  const no: QuestionChoice = { key: yesKey === "0" ? "1" : "0", label: "button.no", summary: "No", cancels: true };
  return {
    text:
      "msg.cdromdisconnect.locked:The guest operating system has locked the CD-ROM door and is probably using the " +
      "CD-ROM, which can prevent the guest from recognizing media changes. If possible, eject the CD-ROM from inside " +
      "the guest before disconnecting. Disconnect anyway and override the lock?",
    choices: yesKey === "0" ? [yes, no] : [no, yes],
  };
}

/** VirtualMachineQuestionInfo. */
export function questionInfo({ id, text: asked, choices, defaultIndex }: PendingQuestion): Value {
  return structure("VirtualMachineQuestionInfo", {
    id: text(id),
    text: text(asked),
    choice: structure("ChoiceOption", {
      choiceInfo: array(
        "ElementDescription",
        choices.map(({ key, label, summary }) =>
          structure("ElementDescription", { label: text(label), summary: text(summary), key: text(key) }),
        ),
      ),
      defaultIndex: defaultIndex === undefined ? undefined : int(defaultIndex),
    }),
    message: structure("VirtualMachineMessage", { id: text(asked.split(":")[0] ?? ""), text: text(asked) }),
  });
}
