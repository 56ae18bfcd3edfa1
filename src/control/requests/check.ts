/** `vbmc check [NAME…]`. */
import * as v from "valibot";

import { vcenterTimeout } from "./vcenterTimeout.js";

export const checkRequest = v.object({
  command: v.literal("check"),
  /** Empty: all. */
  vm_names: v.array(v.string()),
  timeout_ms: vcenterTimeout,
});

export type CheckRequest = v.InferOutput<typeof checkRequest>;
