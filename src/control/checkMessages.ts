/** `vbmc check` and `vbmc discover`: requests that may take longer than usual. */
import * as v from "valibot";

/** Timeout for vCenter, ms. */
const timeout = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 30_000);

export const checkRequest = v.object({
  command: v.literal("check"),
  /** Empty: all. */
  vm_names: v.array(v.string()),
  timeout_ms: timeout,
});

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
  timeout_ms: timeout,
});

export type CheckRequest = v.InferOutput<typeof checkRequest>;
export type DiscoverRequest = v.InferOutput<typeof discoverRequest>;
