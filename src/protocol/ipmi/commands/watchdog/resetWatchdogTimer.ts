/** Reset Watchdog Timer (IPMI 2.0 §27.5, table 27-2): starts it, or starts it anew. */
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { decodeNothing, encodeNothing } from "../../requestData.js";

const uninitialized = 0x80;

export const resetWatchdogTimer = defineCommand<undefined, undefined>({
  netFn: netFn.app,
  command: 0x22,
  name: "Reset Watchdog Timer",
  section: "27.5",
  privilege: privilege.operator,
  decode: decodeNothing,
  run: (_request, { bmc }) => {
    if (!bmc.watchdog.reset()) {
      throw new CompletionError(uninitialized, "the watchdog timer was not set since the last start");
    }
    return undefined;
  },
  encode: encodeNothing,
});
