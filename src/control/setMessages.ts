/** `vbmc set NAME`: changes of a BMC; what is absent stays, null removes an optional value. */
import * as v from "valibot";

import { setEntries } from "./bmcEntries.js";

export const setRequest = v.object({ command: v.literal("set"), ...setEntries, vm_name: v.string() });

export type SetRequest = v.InferOutput<typeof setRequest>;
