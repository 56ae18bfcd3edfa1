/** How the processes that work for many BMCs keep what V8 takes small: they have bursts of work, and idle in between. */
import { setFlagsFromString } from "node:v8";

/**
 * Flag of a process that is forked to serve many: V8 lets its nursery grow to 3 × 16 MB during a burst and never shrinks
 * it. A process with little work does not reach that, and a limit would only promote more of its start-up objects.
 */
export const smallNursery = "--max-semi-space-size=2";

/**
 * Environment of the same: glibc gives each of V8's threads memory of its own, and keeps what compiling took there, 15 MB
 * in a link. An arena for all of them keeps 2.
 */
export const oneArena = { MALLOC_ARENA_MAX: "1" } as const;

/**
 * From now on V8 collects garbage when the heap has grown by a third, not by as much again, and gives free pages back.
 * Given to Node when it starts, the same flag would also make it compile more often.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--optimize-for-size");
}
