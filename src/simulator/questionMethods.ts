/** Tasks of a VM that asks something before they end, and the answer. */
import { randomUUID } from "node:crypto";

import { argument, type Call, type Method, vmOf } from "./call.js";
import { Fault } from "./fault.js";
import type { PendingQuestion, QuestionChoice, VmQuestion } from "./question.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { text } from "./value.js";

/** Shows the question at the VM; `onAnswer` gets the choice, or undefined where the question is called off. */
export function ask(
  { service }: Call,
  vm: SimulatedVm,
  question: VmQuestion,
  onAnswer: (choice: QuestionChoice | undefined) => void,
): PendingQuestion {
  const pending: PendingQuestion = {
    ...question,
    id: randomUUID(),
    settle: (choice) => {
      vm.question = undefined;
      onAnswer(choice);
      service.inventory.changed(vm);
    },
  };
  vm.question = pending;
  service.inventory.changed(vm);
  return pending;
}

/** Delays the power-on while the VM has a question; returns whether it has one. */
export function askFirst(call: Call, vm: SimulatedVm, goOn: (fault?: Fault) => void): boolean {
  const { nextQuestion } = vm;
  if (!nextQuestion) {
    return false;
  }
  vm.nextQuestion = undefined;
  ask(call, vm, nextQuestion, (choice) => {
    const isCalledOff = choice === undefined || choice.cancels === true;
    vm.nextQuestion = isCalledOff ? nextQuestion : undefined;
    goOn(isCalledOff ? new Fault("GenericVmConfigFault", "The power-on was cancelled.") : undefined);
  });
  return true;
}

/** Holds a change up that takes a medium out of a drive which the guest holds; an answer that does not come is a No. */
export function askLockedDoor(call: Call, vm: SimulatedVm, goOn: (fault?: Fault) => void): boolean {
  if (!vm.lockedDoor) {
    return false;
  }
  const pending = ask(call, vm, vm.lockedDoor, (choice) => {
    const isKept = choice === undefined || choice.cancels === true;
    vm.lockedDoor = isKept ? vm.lockedDoor : undefined;
    goOn(
      isKept ? new Fault("GenericVmConfigFault", "Connection control operation failed for disk 'ide0:0'.") : undefined,
    );
  });
  call.service.later(call.service.questionPatienceMs(), () => {
    if (vm.question === pending) {
      pending.settle(undefined);
    }
  });
  return true;
}

export const questionMethods: Readonly<Record<string, Method>> = {
  AnswerVM: {
    parameters: ["questionId", "answerChoice"],
    run: (call) => {
      const { question } = vmOf(call);
      if (!question || argument(call, "questionId").text !== question.id) {
        throw incorrect("questionId");
      }
      const choice = question.choices.find(({ key }) => key === argument(call, "answerChoice").text);
      if (!choice) {
        throw incorrect("answerChoice");
      }
      question.settle(choice);
      return undefined;
    },
  },
};

function incorrect(name: string): Fault {
  return new Fault("InvalidArgument", `A specified parameter was not correct: ${name}`, {
    invalidProperty: text(name),
  });
}
