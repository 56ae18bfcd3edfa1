/** The power-on of a VM that asks something first, and the answer. */
import { randomUUID } from "node:crypto";
import { argument, vmOf, type Call, type Method } from "./call.js";
import { Fault } from "./fault.js";
import type { SimulatedVm } from "./simulatedVm.js";
import { text } from "./value.js";

/** Holds the power-on up while the VM has a question; tells whether it has one. */
export function askFirst({ service }: Call, vm: SimulatedVm, goOn: (fault?: Fault) => void): boolean {
  const { nextQuestion } = vm;
  if (!nextQuestion) {
    return false;
  }
  vm.nextQuestion = undefined;
  vm.question = {
    ...nextQuestion,
    id: randomUUID(),
    settle: (choice) => {
      vm.question = undefined;
      const isCalledOff = choice === undefined || choice.cancels === true;
      vm.nextQuestion = isCalledOff ? nextQuestion : undefined;
      goOn(isCalledOff ? new Fault("GenericVmConfigFault", "The power-on was cancelled.") : undefined);
      service.inventory.changed(vm);
    },
  };
  service.inventory.changed(vm);
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
