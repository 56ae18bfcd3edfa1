/** How long a request may wait for vCenter: longer than usual. */
import * as v from "valibot";

/** ms. */
export const vcenterTimeout = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 30_000);
