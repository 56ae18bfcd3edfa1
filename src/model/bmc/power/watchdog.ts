/** The watchdog timer (IPMI 2.0 chapter 27): what it is set to, and what it does when nobody resets it in time. */
import { boolean, fields, integer } from "../../../base/document/codec.js";
import type { Log } from "../../../base/log.js";
import type { Machine } from "../../machine/machine.js";
import type { BmcEvent, Events } from "../events/events.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import type { Timers } from "../timers.js";
import type { Chassis } from "./chassis.js";
import { restartCause } from "./restartCause.js";

export interface WatchdogSettings {
  readonly isSilent: boolean;
  /** Timer use, 1-5: BIOS FRB2, BIOS/POST, OS load, SMS/OS, OEM. */
  readonly use: number;
  readonly sendsNmi: boolean;
  /** 0 none, 1 hard reset, 2 power down, 3 power cycle. */
  readonly action: number;
  /** Seconds before the end at which the NMI is sent. */
  readonly preTimeoutSeconds: number;
  /** In units of 100 ms. */
  readonly initialCountdown: number;
}

export interface WatchdogState {
  readonly settings: WatchdogSettings;
  readonly isRunning: boolean;
  /** Bit n is set when the timer expired under timer use n. */
  readonly expirationFlags: number;
  /** In units of 100 ms. */
  readonly presentCountdown: number;
}

export interface Watchdog {
  /**
   * Sets it up and stops it; with `keepsRunning` a timer that runs goes on from the new countdown. Bits of `clearFlags`
   * clear expiration flags. Rejects with StorageError.
   */
  readonly set: (settings: WatchdogSettings, keepsRunning: boolean, clearFlags: number) => Promise<void>;
  /** Starts it, or starts it anew; false when it was not set since the machine or the BMC started. */
  readonly reset: () => boolean;
  readonly state: () => WatchdogState;
  /** The machine or the BMC starts anew. */
  readonly stop: () => void;
}

export interface WatchdogOptions {
  readonly chassis: Pick<Chassis, "power">;
  readonly machine: Pick<Machine, "diagnosticInterrupt">;
  readonly events: Events;
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
}

interface Persisted {
  readonly settings: WatchdogSettings;
  readonly expirationFlags: number;
  /** A BMC that ends while the timer runs says so at its next start. */
  readonly isRunning: boolean;
}

interface Run {
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  isPastPreTimeout: boolean;
  readonly cancel: () => void;
}

const msPerCount = 100;
const actions: readonly ("reset" | "off" | "cycle" | undefined)[] = [undefined, "reset", "off", "cycle"];
/** Pre-timeout interrupt, table 27-3. */
const nmi = 2;

export function createWatchdog({ chassis, machine, events, storage, timers, log }: WatchdogOptions): Watchdog {
  const state = createPersistentState<Persisted>(storage, "watchdog", defaults, codec);
  let isSetUp = false;
  let run: Run | undefined;
  let restingCountdown = state.value().settings.initialCountdown;

  if (state.value().isRunning) {
    log("warn", "the watchdog timer was running when the BMC ended: it is stopped now");
    keepRunning(false);
  }

  function keepRunning(isRunning: boolean): void {
    keep((kept) => (kept.isRunning === isRunning ? kept : { ...kept, isRunning }));
  }

  function keep(change: (kept: Persisted) => Persisted): void {
    state.note(change).catch((error: unknown) => {
      log("warn", "the state of the watchdog timer is not kept", { reason: String(error) });
    });
  }

  function start(): void {
    run?.cancel();
    const { settings } = state.value();
    const lengthMs = settings.initialCountdown * msPerCount;
    const cancels = [timers.after(lengthMs, expire)];
    const preTimeoutMs = lengthMs - settings.preTimeoutSeconds * 1_000;
    if (settings.sendsNmi && settings.preTimeoutSeconds > 0) {
      cancels.push(timers.after(Math.max(0, preTimeoutMs), passPreTimeout));
    }
    run = {
      endsAt: timers.now() + lengthMs,
      isPastPreTimeout: false,
      cancel: () => cancels.forEach((cancel) => cancel()),
    };
    keepRunning(true);
  }

  function halt(countdown: number): void {
    run?.cancel();
    run = undefined;
    restingCountdown = countdown;
    keepRunning(false);
  }

  function passPreTimeout(): void {
    if (run) {
      run.isPastPreTimeout = true;
    }
    note("watchdog pre-timeout: a diagnostic interrupt is sent", "preTimeoutInterrupt");
    sendNmi();
  }

  function expire(): void {
    const { settings } = state.value();
    halt(0);
    keep((kept) => ({ ...kept, expirationFlags: kept.expirationFlags | (1 << settings.use) }));
    note("the watchdog timer expired", actions[settings.action] ?? "none");
    if (settings.sendsNmi && settings.preTimeoutSeconds === 0) {
      sendNmi();
    }
    const operation = actions[settings.action];
    if (operation) {
      isSetUp = false;
      chassis.power(operation, restartCause.watchdog, { by: "watchdog" }).catch((error: unknown) => {
        log("warn", "the action of the watchdog timer failed", { action: operation, reason: String(error) });
      });
    }
  }

  /** "Don't log" is about the event log; who looks for the reason of a reset must find it. */
  function note(message: string, outcome: Extract<BmcEvent, { type: "watchdogExpired" }>["action"]): void {
    const { use, action, isSilent, sendsNmi } = state.value().settings;
    if (!isSilent) {
      events.record({ type: "watchdogExpired", action: outcome, timerUse: use, interrupt: sendsNmi ? nmi : 0 });
    }
    log(isSilent ? "info" : "warn", message, { use, action: actions[action] ?? "none" });
  }

  function sendNmi(): void {
    machine.diagnosticInterrupt().catch((error: unknown) => {
      log("warn", "the diagnostic interrupt of the watchdog timer failed", { reason: String(error) });
    });
  }

  return {
    set: async (settings, keepsRunning, clearFlags) => {
      await state.change((kept) => ({
        settings,
        expirationFlags: kept.expirationFlags & ~clearFlags,
        isRunning: kept.isRunning,
      }));
      isSetUp = true;
      if (run && keepsRunning) {
        start();
      } else {
        halt(settings.initialCountdown);
      }
    },
    reset: () => {
      // Past the pre-timeout only Set Watchdog Timer stops it (§27.5).
      if (isSetUp && run?.isPastPreTimeout !== true) {
        start();
      }
      return isSetUp;
    },
    state: () => {
      const { settings, expirationFlags } = state.value();
      return {
        settings,
        isRunning: run !== undefined,
        expirationFlags,
        presentCountdown: run ? Math.max(0, Math.ceil((run.endsAt - timers.now()) / msPerCount)) : restingCountdown,
      };
    },
    stop: () => {
      isSetUp = false;
      halt(state.value().settings.initialCountdown);
    },
  };
}

const defaults: Persisted = {
  settings: {
    isSilent: false,
    // SMS/OS: what a driver in the guest would use.
    use: 4,
    sendsNmi: false,
    action: 0,
    preTimeoutSeconds: 0,
    initialCountdown: 0,
  },
  expirationFlags: 0,
  isRunning: false,
};

const codec = fields<Persisted>({
  settings: fields<WatchdogSettings>({
    isSilent: boolean,
    use: integer(1, 5),
    sendsNmi: boolean,
    action: integer(0, actions.length - 1),
    preTimeoutSeconds: integer(0, 0xff),
    initialCountdown: integer(0, 0xffff),
  }),
  expirationFlags: integer(0, 0x3e),
  isRunning: boolean,
});
