/** `vbmc console NAME`: where to open it, and its serial port. */
import * as v from "valibot";

/** Far more than is kept of any console, bytes. */
const maxReplayBytes = 1_048_576;

export const consoleRequest = v.object({
  command: v.literal("console"),
  vm_name: v.string(),
  /** open: the answer has rows `socket_path` and `key`. setup and remove: rows `done` and `warning`. */
  action: v.picklist(["open", "setup", "remove"]),
  /** Who opens it, for the others. */
  user: v.optional(v.pipe(v.string(), v.maxLength(256)), ""),
  read_only: v.optional(v.boolean(), false),
  /** How much of earlier output to send at first. */
  replay_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxReplayBytes)), 0),
  /** setup: the VM connects without TLS. */
  clear_text: v.optional(v.boolean(), false),
  /** Timeout for vCenter, ms. */
  timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 60_000),
});

export type ConsoleRequest = v.InferOutput<typeof consoleRequest>;
