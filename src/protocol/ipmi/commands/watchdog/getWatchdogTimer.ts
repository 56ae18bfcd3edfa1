/** Get Watchdog Timer (IPMI 2.0 §27.7, table 27-4). */
import type { WatchdogState } from "../../../../model/bmc/power/watchdog.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const dontLog = 0x80;
const running = 0x40;
const nmi = 0x20;

export const getWatchdogTimer = defineCommand<undefined, WatchdogState>({
  netFn: netFn.app,
  command: 0x25,
  name: "Get Watchdog Timer",
  section: "27.7",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.watchdog.state(),
  encode: ({ settings, isRunning, expirationFlags, presentCountdown }) => {
    const data = Buffer.alloc(8);
    data.set([
      (settings.isSilent ? dontLog : 0) | (isRunning ? running : 0) | settings.use,
      (settings.sendsNmi ? nmi : 0) | settings.action,
      settings.preTimeoutSeconds,
      expirationFlags,
    ]);
    data.writeUInt16LE(settings.initialCountdown, 4);
    data.writeUInt16LE(presentCountdown, 6);
    return data;
  },
});
