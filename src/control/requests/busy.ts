/** Extension: how many requests are in progress. */
import * as v from "valibot";

export const busyRequest = v.object({ command: v.literal("busy") });
