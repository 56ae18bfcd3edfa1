/** `vbmc set NAME`: changes to a BMC; absent fields stay unchanged, null removes an optional value. */
import * as v from "valibot";

import { setEntries } from "../bmcEntries.js";

export const setRequest = v.object({ command: v.literal("set"), ...setEntries, vm_name: v.string() });

export type SetRequest = v.InferOutput<typeof setRequest>;
