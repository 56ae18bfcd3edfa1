/** What a client asks that goes on waiting: for BMCs, and for an answer. */
import * as v from "valibot";

/** What takes its time for each BMC. */
const job = v.picklist(["delete", "start", "stop"]);

/** Ours: what has become of BMCs that an earlier answer told as `pending`. */
export const waitRequest = v.object({
  command: v.literal("wait"),
  for: job,
  vm_names: v.array(v.string()),
  timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** Ours: how many requests are at work. */
export const busyRequest = v.object({ command: v.literal("busy") });

export type JobName = v.InferOutput<typeof job>;
export type WaitRequest = v.InferOutput<typeof waitRequest>;
