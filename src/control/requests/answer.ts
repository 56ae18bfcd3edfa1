/** `vbmc answer NAME [CHOICE]`: the question that blocks a VM. */
import * as v from "valibot";

export const answerRequest = v.object({
  command: v.literal("answer"),
  vm_name: v.string(),
  /** Key or label of a choice; absent: only show the question. */
  choice: v.optional(v.string()),
});

export type AnswerRequest = v.InferOutput<typeof answerRequest>;
