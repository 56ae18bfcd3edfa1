/** The watchdog timer (IPMI 2.0 chapter 27): acts on the machine unless it is reset in time. */
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import type { Timers } from "../timers.js";
import { type Countdown, startCountdown } from "./watchdogCountdown.js";
import { createWatchdogEffects, type WatchdogEffectsOptions } from "./watchdogEffects.js";
import {
  defaultWatchdog,
  type PersistedWatchdog,
  watchdogActions,
  watchdogCodec,
  type WatchdogSettings,
} from "./watchdogSettings.js";

export type { WatchdogSettings };

export interface WatchdogState {
  readonly settings: WatchdogSettings;
  readonly isRunning: boolean;
  /** Bit n: the timer has expired under timer use n. */
  readonly expirationFlags: number;
  /** In units of 100 ms. */
  readonly presentCountdown: number;
}

export interface Watchdog {
  /**
   * Configures and stops it; with `keepsRunning` a running timer continues with the new countdown. Bits of `clearFlags`
   * clear expiration flags. Rejects with StorageError.
   */
  readonly set: (settings: WatchdogSettings, keepsRunning: boolean, clearFlags: number) => Promise<void>;
  /** Starts or restarts it; false if it has not been set since the machine or the BMC started. */
  readonly reset: () => boolean;
  readonly state: () => WatchdogState;
  /** The machine or the BMC restarts. */
  readonly stop: () => void;
}

export interface WatchdogOptions extends WatchdogEffectsOptions {
  readonly storage: BmcStorage;
  readonly timers: Timers;
}

export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { storage, timers, log } = options;
  const effects = createWatchdogEffects(options);
  const state = createPersistentState(storage, "watchdog", defaultWatchdog, watchdogCodec);
  let isSetUp = false;
  let countdown: Countdown | undefined;
  let restingCountdown = state.value().settings.initialCountdown;

  if (state.value().isRunning) {
    log("warn", "the watchdog timer was running when the BMC ended, and has been stopped");
    keepRunning(false);
  }

  function keepRunning(isRunning: boolean): void {
    keep((kept) => (kept.isRunning === isRunning ? kept : { ...kept, isRunning }));
  }

  function keep(change: (kept: PersistedWatchdog) => PersistedWatchdog): void {
    state.note(change).catch((error: unknown) => {
      log("warn", "cannot store the state of the watchdog timer", { reason: String(error) });
    });
  }

  function start(): void {
    countdown?.cancel();
    countdown = startCountdown(state.value().settings, timers, { passPreTimeout, expire });
    keepRunning(true);
  }

  function halt(resting: number): void {
    countdown?.cancel();
    countdown = undefined;
    restingCountdown = resting;
    keepRunning(false);
  }

  function passPreTimeout(): void {
    effects.note("watchdog pre-timeout: sending a diagnostic interrupt", "preTimeoutInterrupt", state.value().settings);
    effects.sendNmi();
  }

  function expire(): void {
    const { settings } = state.value();
    halt(0);
    keep((kept) => ({ ...kept, expirationFlags: kept.expirationFlags | (1 << settings.use) }));
    effects.note("the watchdog timer expired", watchdogActions[settings.action] ?? "none", settings);
    if (settings.sendsNmi && settings.preTimeoutSeconds === 0) {
      effects.sendNmi();
    }
    const action = watchdogActions[settings.action];
    if (action) {
      isSetUp = false;
      effects.power(action);
    }
  }

  return {
    set: async (settings, keepsRunning, clearFlags) => {
      await state.change((kept) => ({
        settings,
        expirationFlags: kept.expirationFlags & ~clearFlags,
        isRunning: kept.isRunning,
      }));
      isSetUp = true;
      if (countdown && keepsRunning) {
        start();
      } else {
        halt(settings.initialCountdown);
      }
    },
    reset: () => {
      // After the pre-timeout only Set Watchdog Timer stops it (§27.5).
      if (isSetUp && countdown?.isPastPreTimeout() !== true) {
        start();
      }
      return isSetUp;
    },
    state: () => {
      const { settings, expirationFlags } = state.value();
      return {
        settings,
        isRunning: countdown !== undefined,
        expirationFlags,
        presentCountdown: countdown?.left() ?? restingCountdown,
      };
    },
    stop: () => {
      isSetUp = false;
      halt(state.value().settings.initialCountdown);
    },
  };
}
