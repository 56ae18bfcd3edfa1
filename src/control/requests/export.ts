/** `vbmc export [NAME…]`. */
import * as v from "valibot";

export const exportRequest = v.object({
  command: v.literal("export"),
  /** Empty: all. */
  vm_names: v.array(v.string()),
  with_passwords: v.boolean(),
});

export type ExportRequest = v.InferOutput<typeof exportRequest>;
