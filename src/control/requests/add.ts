/** `vbmc add NAME`. */
import * as v from "valibot";

import { addEntries } from "../bmcEntries.js";

export const addRequest = v.object({ command: v.literal("add"), ...addEntries });

export type AddRequest = v.InferOutput<typeof addRequest>;
