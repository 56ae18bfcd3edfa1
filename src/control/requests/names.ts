/** `vbmc delete|start|stop NAME…`. */
import * as v from "valibot";

export const namesRequest = v.object({
  command: v.picklist(["delete", "start", "stop"]),
  vm_names: v.array(v.string()),
  // Extension: all BMCs, whatever the names (start and stop only), and how long the client waits, ms.
  all: v.optional(v.boolean(), false),
  timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type NamesRequest = v.InferOutput<typeof namesRequest>;
