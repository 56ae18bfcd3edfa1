/** `vbmc show NAME`. */
import * as v from "valibot";

export const showRequest = v.object({
  command: v.literal("show"),
  vm_name: v.string(),
  /** Extension: also return properties that the original does not have. */
  long: v.optional(v.boolean(), false),
});

export type ShowRequest = v.InferOutput<typeof showRequest>;
