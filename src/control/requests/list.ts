/** `vbmc list`. Formatting options are part of the request, but only the client uses them. */
import * as v from "valibot";

export const listRequest = v.object({
  command: v.literal("list"),
  fakemac: v.optional(v.boolean(), false),
  // Extension: why a BMC is in error, and the state of its VM.
  long: v.optional(v.boolean(), false),
});

export type ListRequest = v.InferOutput<typeof listRequest>;
