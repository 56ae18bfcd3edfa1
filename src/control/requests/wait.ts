/** Extension: the outcome for BMCs that an earlier answer reported as `pending`. */
import * as v from "valibot";

/** The operation that is in progress for each BMC. */
const job = v.picklist(["delete", "start", "stop"]);

export const waitRequest = v.object({
  command: v.literal("wait"),
  for: job,
  vm_names: v.array(v.string()),
  timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type JobName = v.InferOutput<typeof job>;
export type WaitRequest = v.InferOutput<typeof waitRequest>;
