/** The effects of the watchdog timer: SEL record, log line, diagnostic interrupt and power action. */
import type { Log } from "../../../base/log.js";
import type { Machine } from "../../machine/machine.js";
import type { BmcEvent, Events } from "../events/events.js";
import type { Chassis } from "./chassis.js";
import { restartCause } from "./restartCause.js";
import { watchdogActions, type WatchdogSettings } from "./watchdogSettings.js";

export interface WatchdogEffectsOptions {
  readonly chassis: Pick<Chassis, "power">;
  readonly machine: Pick<Machine, "diagnosticInterrupt">;
  readonly events: Events;
  readonly log: Log;
}

type WatchdogEvent = Extract<BmcEvent, { type: "watchdogExpired" }>;

export interface WatchdogEffects {
  readonly note: (message: string, outcome: WatchdogEvent["action"], settings: WatchdogSettings) => void;
  readonly sendNmi: () => void;
  readonly power: (operation: "reset" | "off" | "cycle") => void;
}

/** Pre-timeout interrupt, table 27-3. */
const nmi = 2;

export function createWatchdogEffects({ chassis, machine, events, log }: WatchdogEffectsOptions): WatchdogEffects {
  const logFailure =
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
    (error: unknown): void =>
      log("warn", message, { ...fields, reason: String(error) });
  return {
    note: (message, outcome, { use, action, isSilent, sendsNmi }) => {
      // "Don't log" concerns the SEL; the log must still show why the machine was reset.
      if (!isSilent) {
        events.record({ type: "watchdogExpired", action: outcome, timerUse: use, interrupt: sendsNmi ? nmi : 0 });
      }
      log(isSilent ? "info" : "warn", message, { use, action: watchdogActions[action] ?? "none" });
    },
    sendNmi: () => {
      machine.diagnosticInterrupt().catch(logFailure("cannot send the diagnostic interrupt of the watchdog timer"));
    },
    power: (operation) => {
      chassis
        .power(operation, restartCause.watchdog, { by: "watchdog" })
        .catch(logFailure("the watchdog timer's action failed", { action: operation }));
    },
  };
}
