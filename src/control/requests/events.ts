/** `vbmc events`. */
import * as v from "valibot";

/** How long the daemon may hold a request, ms. */
const maxWaitMs = 60_000;

export const eventsRequest = v.object({
  command: v.literal("events"),
  /** Only of these BMCs or vCenters; empty for all. */
  vm_names: v.optional(v.array(v.string()), []),
  /** The cursor of an earlier answer: return only later events. */
  after: v.optional(v.string()),
  /** How long to wait for the first event. */
  wait_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxWaitMs)), 0),
});

export type EventsRequest = v.InferOutput<typeof eventsRequest>;
