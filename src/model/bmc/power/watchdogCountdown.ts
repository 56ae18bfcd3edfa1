/** One countdown of the watchdog timer: to its pre-timeout, if it has one, and to its end. */
import type { Timers } from "../timers.js";
import type { WatchdogSettings } from "./watchdogSettings.js";

export interface Countdown {
  readonly isPastPreTimeout: () => boolean;
  /** In units of 100 ms. */
  readonly left: () => number;
  readonly cancel: () => void;
}

const msPerCount = 100;

export function startCountdown(
  { initialCountdown, sendsNmi, preTimeoutSeconds }: WatchdogSettings,
  timers: Timers,
  { passPreTimeout, expire }: { readonly passPreTimeout: () => void; readonly expire: () => void },
): Countdown {
  const lengthMs = initialCountdown * msPerCount;
  const endsAt = timers.now() + lengthMs;
  let isPast = false;
  const cancels = [timers.after(lengthMs, expire)];
  if (sendsNmi && preTimeoutSeconds > 0) {
    const pass = (): void => {
      isPast = true;
      passPreTimeout();
    };
    cancels.push(timers.after(Math.max(0, lengthMs - preTimeoutSeconds * 1_000), pass));
  }
  return {
    isPastPreTimeout: () => isPast,
    left: () => Math.max(0, Math.ceil((endsAt - timers.now()) / msPerCount)),
    cancel: () => cancels.forEach((cancel) => cancel()),
  };
}
