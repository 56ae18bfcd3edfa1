/** `vbmc answer NAME [CHOICE]`: shows or answers the question that blocks a VM. */
import type { Command } from "commander";

import { defined } from "../../base/defined.js";
import type { CliContext } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";

/** Longer than the daemon's own timeout, ms. */
const timeoutMs = 17_000;

export function registerAnswer(program: Command, context: CliContext): void {
  const answer = program
    .command("answer")
    .description("Answer the question that blocks a virtual machine; without a choice, show it and its choices")
    .argument("<vm_name>", "the name of the virtual machine")
    .argument("[choice]", "the key or the text of a choice");
  addFormatOptions(answer).action(async (vmName: string, choice: string | undefined, options: FormatOptions) => {
    const request = {
      ...formatFields(options),
      vm_name: vmName,
      ...defined({ choice }),
      command: "answer",
    };
    const response = await context.request(request, { timeoutMs });
    const value = (name: string): string | undefined => response.rows?.find(([key]) => key === name)?.[1]?.toString();
    const answered = value("answered");
    if (answered === undefined) {
      const { renderTable } = await import("../formats/render.js");
      context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
    } else {
      context.out(`Answered '${value(answered) ?? answered}' to: ${value("question") ?? "its question"}\n`);
    }
  });
}
