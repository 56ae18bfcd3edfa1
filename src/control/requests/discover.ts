/** `vbmc discover`. */
import * as v from "valibot";

import { vcenterTimeout } from "./vcenterTimeout.js";

export const discoverRequest = v.object({
  command: v.literal("discover"),
  viserver: v.pipe(v.string(), v.nonEmpty()),
  viserver_username: v.pipe(v.string(), v.nonEmpty()),
  viserver_password: v.string(),
  viserver_thumbprint: v.optional(v.string()),
  viserver_cafile: v.optional(v.string()),
  viserver_insecure: v.optional(v.boolean()),
  folder: v.optional(v.string()),
  match: v.optional(v.string()),
  timeout_ms: vcenterTimeout,
});

export type DiscoverRequest = v.InferOutput<typeof discoverRequest>;
