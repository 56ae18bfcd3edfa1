/** Reset Watchdog Timer (IPMI 2.0 §27.5, table 27-2): starts or restarts it. */
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const uninitialized = 0x80;

export const resetWatchdogTimer = defineCommand({
  netFn: netFn.app,
  command: 0x22,
  name: "Reset Watchdog Timer",
  section: "27.5",
  privilege: privilege.operator,
  run: (_request, { bmc }) => {
    if (!bmc.watchdog.reset()) {
      throw new CompletionError(uninitialized, "the watchdog timer has not been set since the last start");
    }
  },
});
