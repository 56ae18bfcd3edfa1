/** Commands of the watchdog timer (IPMI 2.0 chapter 27). */
import type { Command } from "../../command.js";
import { getWatchdogTimer } from "./getWatchdogTimer.js";
import { resetWatchdogTimer } from "./resetWatchdogTimer.js";
import { setWatchdogTimer } from "./setWatchdogTimer.js";

export const watchdogCommands: readonly Command[] = [resetWatchdogTimer, setWatchdogTimer, getWatchdogTimer];
