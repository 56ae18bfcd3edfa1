/** Set Watchdog Timer (IPMI 2.0 §27.6, table 27-3). */
import type { WatchdogSettings } from "../../../../model/bmc/power/watchdog.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const dontLog = 0x80;
const dontStop = 0x40;
const lastUse = 5;
const lastAction = 3;
const noInterrupt = 0;
const nmi = 2;
const expirationFlags = 0x3e;

interface Request {
  readonly settings: WatchdogSettings;
  readonly keepsRunning: boolean;
  readonly clearFlags: number;
}

export const setWatchdogTimer = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x24,
  name: "Set Watchdog Timer",
  section: "27.6",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 6);
    const [useByte = 0, actionByte = 0, preTimeoutSeconds = 0, clear = 0] = data;
    const use = useByte & 0x07;
    const action = actionByte & 0x07;
    const interrupt = (actionByte >> 4) & 0x07;
    if (use === 0 || use > lastUse) {
      throw invalidField(`timer use ${use}`);
    }
    if (action > lastAction) {
      throw invalidField(`timeout action ${action}`);
    }
    if (interrupt !== noInterrupt && interrupt !== nmi) {
      throw invalidField(`pre-timeout interrupt ${interrupt}: a VM only supports the diagnostic one`);
    }
    const settings = {
      isSilent: (useByte & dontLog) !== 0,
      use,
      sendsNmi: interrupt === nmi,
      action,
      preTimeoutSeconds,
      initialCountdown: data.readUInt16LE(4),
    };
    return { settings, keepsRunning: (useByte & dontStop) !== 0, clearFlags: clear & expirationFlags };
  },
  run: async ({ settings, keepsRunning, clearFlags }, { bmc }) => {
    await bmc.watchdog.set(settings, keepsRunning, clearFlags);
  },
});
